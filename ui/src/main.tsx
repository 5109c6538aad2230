import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './parts/style/tokens.css'
import './parts/style/base.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { answerFromFile, exported } from './live/exported'
import { questions } from './pages/questions'
import { router } from './pages/router'
import { applyPreferences } from './parts/preferences'

if (exported) answerFromFile()
applyPreferences()

const page = document.getElementById('page')
if (page) {
  createRoot(page).render(
    <StrictMode>
      <QueryClientProvider client={questions}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
