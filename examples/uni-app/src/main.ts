import { createSSRApp } from 'vue'
import App from './App.vue'

// There is no sign-in here: the first request triggers it.
export function createApp() {
  return { app: createSSRApp(App) }
}
