import { render } from 'preact'
import { chooseLanguage } from '../../../provider/shown/index.js'
import { App } from './app.js'
import { takeToken } from './state/client.js'
import { keepTextPlain } from './state/plain-text.js'

keepTextPlain()
takeToken()
document.documentElement.lang = chooseLanguage(navigator.languages)
const place = document.getElementById('app')
if (place) render(<App />, place)
