// In the package these files are one script beside the package's own, which they require by this name.
export * from '../../index'
