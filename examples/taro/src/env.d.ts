declare module '*.css'

declare const process: { env: { TARO_APP_API: string; TARO_APP_AUTHORIZE: string } }
