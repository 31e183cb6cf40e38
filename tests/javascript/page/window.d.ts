interface Window {
  /** axe-core, in the page that it checks. */
  axe: any
  /** What a test recorded in the page. */
  heard: any
  told: any
}
