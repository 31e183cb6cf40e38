// In the package each file here lies beside the package's own script, and requires it by this name.
export * from '../index'
