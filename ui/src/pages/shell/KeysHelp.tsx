import { Dialog } from '../../parts/Dialog'
import style from './KeysHelp.module.css'

const GROUPS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl K', 'search, jump, do'],
      ['g h', 'home'],
      ['g r', 'runs'],
      ['g e', 'experiments'],
      ['g p', 'providers'],
      ['g s', 'settings'],
      ['t', 'dark or light'],
      ['?', 'these keys'],
    ],
  },
  {
    title: 'Lists',
    keys: [
      ['/', 'filter'],
      ['j k', 'next, previous'],
      ['Enter', 'open'],
      ['x', 'select'],
      ['c', 'compare the selected'],
      ['s', 'star'],
      ['l', 'label the selected'],
      ['e', 'archive the selected'],
      ['Delete', 'move the selected to the trash'],
      ['z', 'take that back'],
      ['Esc', 'clear, go up'],
    ],
  },
  {
    title: 'Timeline',
    keys: [
      ['w s', 'zoom in, out'],
      ['a d', 'earlier, later'],
      ['f', 'fit the whole run'],
      ['l', 'follow the latest'],
      ['n', 'next failure'],
      ['Space', 'play, pause'],
    ],
  },
]

export function KeysHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose}>
      <div className={style.help}>
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h2 className="lbl">{group.title}</h2>
            <dl>
              {group.keys.map(([key, does]) => (
                <div key={key}>
                  <dt>
                    {key.split(' ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
