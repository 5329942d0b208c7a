import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The server in development: `npm start` in the root, then `npm run dev` here. */
const server = 'http://127.0.0.1:7300';

export default defineConfig({
  plugins: [react()],
  // Nothing may be inlined: the pages run under a policy that allows no inline script, style or font.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': server, '/u': server } },
});
