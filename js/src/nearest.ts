/** The name that a misspelt one most likely stands for. It differs in at most two characters in a row, or in case only. */
export function nearest(given: string, names: string[]): string | undefined {
  return names.find((name) => apart(given.toLowerCase(), name.toLowerCase()) < 3)
}

/** How many characters are left of the longer text without the start and the end that both have. */
function apart(one: string, other: string): number {
  let start = 0
  while (start < other.length && one[start] === other[start]) {
    start++
  }
  let end = 0
  while (end < other.length - start && one[one.length - 1 - end] === other[other.length - 1 - end]) {
    end++
  }
  return Math.max(one.length, other.length) - start - end
}
