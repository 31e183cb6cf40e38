// How the site's search cuts texts into words.

/**
 * Cuts a text at everything that is no letter and no digit. Chinese has no spaces, so each two neighbouring characters are
 * a word. VitePress sends this function to the browser as text, so it must not use anything around it.
 *
 * @param {string} text
 */
export function words(text) {
  return text.split(/[^\p{L}\p{N}]+/u).flatMap((word) =>
    (word.match(/\p{Script=Han}+|[^\p{Script=Han}]+/gu) ?? []).flatMap((part) => {
      const letters = [...part]
      if (!/\p{Script=Han}/u.test(part) || letters.length === 1) return [part]
      return letters.slice(1).map((letter, place) => letters[place] + letter)
    }),
  )
}

/** Whether a word may be matched by a similar one: a Latin word of some length. @param {string} word */
export const isForgiving = (word) => (/^[a-z]{5,}$/.test(word) ? 0.2 : false)
