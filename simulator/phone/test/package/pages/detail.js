'use strict'

Component({
  properties: { id: Number, label: { type: String, value: 'none' } },
  data: { calls: [] },
  lifetimes: {
    created() {
      this.made = ['created']
    },
    attached() {
      this.made.push(`attached ${this.properties.label}`)
      this.triggerEvent('attached')
    },
    ready() {
      this.made.push('ready')
    },
  },
  methods: {
    onLoad({ of }) {
      this.made.push(`load ${of}, ${getCurrentPages().length} open, ${getApp().started.path}`)
    },
  },
})
