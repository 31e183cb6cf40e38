/* WeChat's own builder, `miniprogram-ci`, without WeChat: what the developer tools do at 构建 npm and at an upload. */
'use strict'

const ci = require('miniprogram-ci')

const APPID = 'wx5e55105e55105e55'

/** WeChat's limits, in megabytes and pieces, which the builder would ask WeChat for. */
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

// Nothing listens there: it asks WeChat for the endings of files that may be uploaded, and has a list of its own for
// when it gets no answer. This way it gets none at once, on every machine.
ci.proxy('http://127.0.0.1:1')

/** @param {string} folder Where `project.config.json` is. @param {'miniProgram' | 'miniProgramPlugin'} [type] */
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

/** 构建 npm, as the developer tools do it by default. Gives its warnings. */
function packNpm(project) {
  return ci.packNpm(project, { ignores: [], reporter() {} })
}

/** 构建 npm, where the project says from which `package.json` to which folder. Gives its warnings. */
async function packNpmManually(packageJsonPath, miniprogramNpmDistDir) {
  return (await ci.packNpmManually({ packageJsonPath, miniprogramNpmDistDir })).warnList
}

/**
 * Compiles as for an upload, as the project's own settings say.
 *
 * @returns {Promise<Map<string, Buffer>>} What would be uploaded.
 */
async function compile(project) {
  const files = await ci.getCompiledResult({ project, setting: { useProjectConfig: true } })
  return new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]))
}

module.exports = { compile, open, packNpm, packNpmManually }
