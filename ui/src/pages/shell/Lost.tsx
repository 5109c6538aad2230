import { Link } from '@tanstack/react-router'
import { Trouble } from '../../parts/Trouble'

export function Lost() {
  return (
    <>
      <h1 className="sr">No such page</h1>
      <Trouble
        title="There is no such page"
        detail={
          <>
            The address leads nowhere on this board.{' '}
            <Link to="/rlm" className="lnk">
              Go home
            </Link>
          </>
        }
      />
    </>
  )
}
