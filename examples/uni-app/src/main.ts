import { createSSRApp } from 'vue'
import App from './App.vue'

// Nothing is said about signing in: the first request sees to it.
export function createApp() {
  return { app: createSSRApp(App) }
}
