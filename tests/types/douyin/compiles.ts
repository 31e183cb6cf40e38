// What a Douyin mini program may write, with the typings of its platform. Checked by tsc, never run.

import { createSession } from 'wxsession'
import type { SessionHost } from 'wxsession'

const loginUrl = 'https://api.example.com/wx/onlogin'
const session = createSession({ loginUrl, host: tt })

// A host with its own method, which does not ask the user to sign in to the app.
const quiet: SessionHost = Object.assign(Object.create(tt) as typeof tt, {
  login: (options: Parameters<typeof tt.login>[0]) => tt.login({ force: false, ...options }),
})
createSession({ loginUrl, host: quiet, storageKey: 'quiet' })

// @ts-expect-error: a host can sign in
createSession({ loginUrl, host: { ...tt, login: undefined } })
// @ts-expect-error: a host has methods and no name
createSession({ loginUrl, host: 'tt' })

async function awaited(): Promise<void> {
  const { data, statusCode } = await session.request<{ products: string[] }>({ url: '/wx/products/list' })
  const first: string | undefined = data.products[0]
  const task = session.uploadFile({ url: '/files', filePath: 'ttfile://a', name: 'photo' })
  task.onProgressUpdate(({ progress }) => progress.toFixed())
  const number: number | undefined = await task.then(
    () => 0,
    (error) => error.errno,
  )
  console.log(statusCode, first, number)
}

App({ onLaunch: awaited })
