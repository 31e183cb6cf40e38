/** The module that ships, which the package build translates into a script. */
declare module 'module-as-script' {
  /** Makes an instance and returns its exports. */
  export function instance(): object
}
