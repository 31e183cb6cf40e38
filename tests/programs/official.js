/* WeChat's own builder, `miniprogram-ci`, without WeChat. It does what the developer tools do at 构建 npm and at an upload. */
'use strict'

const ci = require('miniprogram-ci')
const {
  arguments: { scratch },
} = require('./folders')

const APPID = 'wx5e55105e55105e55'

/** WeChat's limits, in megabytes and numbers of packages. The builder would ask WeChat for them. */
const LIMITS = {
  MaxCodeSize: 2,
  MaxSubpackageSubCodeSize: 2,
  MaxSubpackageFullCodeSize: 12,
  NavigateMiniprogramLimit: 10,
  MaxSubPackageLimit: 100,
  MinTabbarCount: 2,
  MaxTabbarCount: 5,
  MaxTabbarIconSize: 40,
}

// The builder asks WeChat which file extensions may be uploaded, and falls back to its own list when WeChat does not
// answer. Nothing listens at this address, so that the request fails at once on every machine.
ci.proxy('http://127.0.0.1:1')

/** @param {string} folder The one with `project.config.json`. @param {'miniProgram' | 'miniProgramPlugin'} [type] */
function open(folder, type) {
  return new ci.Project({
    appid: APPID,
    type: type || 'miniProgram',
    projectPath: folder,
    privateKey: 'none, for nothing is uploaded',
    ignores: ['node_modules/**/*'],
    attr: async () => ({
      platform: false,
      appType: 0,
      isSandbox: false,
      released: true,
      gameApp: false,
      setting: LIMITS,
    }),
  })
}

/** Runs 构建 npm as the developer tools do by default. Returns the warnings. */
function packNpm(project) {
  return ci.packNpm(project, { ignores: [], reporter() {} })
}

/** Runs 构建 npm with the `package.json` and the target folder that the project names. Returns the warnings. */
async function packNpmManually(packageJsonPath, miniprogramNpmDistDir) {
  return (await ci.packNpmManually({ packageJsonPath, miniprogramNpmDistDir })).warnList
}

/**
 * Compiles for an upload, by the project's own settings.
 *
 * @returns {Promise<Map<string, Buffer>>} The files of the upload, by path.
 */
async function compile(project) {
  const before = process.cwd()
  // The builder leaves an empty folder in the working directory each time.
  process.chdir(scratch)
  const compiled = ci.getCompiledResult({ project, setting: { useProjectConfig: true } })
  const files = await compiled.finally(() => process.chdir(before))
  return new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]))
}

module.exports = { compile, open, packNpm, packNpmManually }
