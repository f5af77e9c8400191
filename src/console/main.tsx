import { render } from 'preact'
import { App } from './app.tsx'
import { takeKeyFromAddress } from './session.ts'

takeKeyFromAddress()
const root = document.getElementById('console')
if (root) render(<App />, root)
