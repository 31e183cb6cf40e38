/* Replaces Vue, which uni-app provides and no request needs. */
'use strict'

const nothing = () => {}

module.exports = {
  computed: nothing,
  getCurrentInstance: nothing,
  onMounted: nothing,
  onUnmounted: nothing,
  ref: nothing,
  watch: nothing,
}
