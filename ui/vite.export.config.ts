import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The page as one script and one style sheet: what `rlmboard export --html` puts into its file. */
export default defineConfig({
  plugins: [latinOnly(), react()],
  build: {
    outDir: '../src/rlmboard/board/static/export',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: () => true,
    cssCodeSplit: false,
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: 'src/main.tsx',
      output: {
        codeSplitting: false,
        entryFileNames: 'page.js',
        assetFileNames: 'page[extname]',
      },
    },
  },
})

/** Fonts of other scripts would double each file; there the fonts of the machine do. */
function latinOnly(): Plugin {
  return {
    name: 'latin-only',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('@fontsource') || !id.endsWith('.css')) return null
      const faces = code.match(/@font-face\s*{[^}]*}/g) ?? []
      return { code: faces.filter((face) => face.includes('-latin-wght-')).join('\n'), map: null }
    },
  }
}
