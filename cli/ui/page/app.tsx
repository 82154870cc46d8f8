import { useEffect, useRef } from 'preact/hooks'
import type { LongAction } from '../protocol/actions.js'
import { AboutContext } from './parts/about.js'
import { FailureBox } from './parts/failure.js'
import { RunningElsewhere } from './parts/job-box.js'
import { useAnswer } from './parts/use-answer.js'
import { followEarlier } from './state/jobs.js'
import { hrefOf, type Route, useRoute, type View } from './state/route.js'
import { CompareView } from './views/compare.js'
import { FindView } from './views/find.js'
import { ImageView } from './views/image.js'
import { ImagesView } from './views/images.js'
import { InstallView } from './views/install.js'
import { SiteView } from './views/site.js'
import { t } from './words/words.js'

const TABS = ['images', 'find', 'install', 'compare', 'site'] as const

/** The long actions that each view shows itself. */
const JOBS: Record<View, LongAction[]> = {
  images: ['verify'],
  image: ['uninstall'],
  find: ['save'],
  install: ['install', 'verify'],
  compare: [],
  site: [],
}

export function App() {
  const about = useAnswer('about', {})
  const route = useRoute()
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  const isThere = about.answer !== undefined
  useEffect(() => {
    if (isThere) followEarlier().catch(() => {})
  }, [isThere])
  // A user who goes to another view starts to read at its top.
  useEffect(() => {
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [route.view])
  document.title = `${t(route.view === 'image' ? 'images' : route.view)} – containerimage`
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {t('skip')}
      </button>
      <header class="top">
        <a class="brand" href={hrefOf('images')}>
          <img src="/icon.svg" alt="" width="24" height="24" />
          containerimage
        </a>
        <nav aria-label={t('views')}>
          {TABS.map((view) => (
            <a key={view} href={hrefOf(view)} aria-current={view === tabOf(route.view) ? 'page' : undefined}>
              {t(view)}
            </a>
          ))}
        </nav>
        {about.answer?.allowsChanges === false && (
          <span class="badge" title={t('readOnlyWhy')}>
            {t('readOnly')}
          </span>
        )}
      </header>
      <main ref={main} tabIndex={-1}>
        {about.failure && <FailureBox failure={about.failure} again={about.again} />}
        {about.answer && (
          <AboutContext.Provider value={about.answer}>
            <RunningElsewhere shown={JOBS[route.view]} />
            <Shown route={route} />
          </AboutContext.Provider>
        )}
      </main>
    </>
  )
}

function Shown({ route: { view, values } }: { route: Route }) {
  if (view === 'image') return <ImageView key={values.get('name')} name={values.get('name') ?? ''} />
  if (view === 'find') return <FindView />
  if (view === 'install') return <InstallView path={values.get('path') ?? ''} />
  if (view === 'compare') return <CompareView a={values.get('a') ?? ''} b={values.get('b') ?? ''} />
  if (view === 'site') return <SiteView />
  return <ImagesView />
}

function tabOf(view: View): View {
  return view === 'image' ? 'images' : view
}
