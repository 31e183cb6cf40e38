// What the declarations by hand say of each script is what the script exports.
import type * as declaredAccount from '../account'
import type * as declaredPlain from '../plain'
import type * as declaredSigned from '../signed'
import type * as declaredTraced from '../traced'
import type * as declaredWafer from '../wafer'
import type * as declaredWafer2 from '../wafer2'
import type declaredWeapp from '../weapp-session-client'
import * as account from './account'
import * as plain from './plain'
import * as signed from './signed'
import * as traced from './traced'
import wafer from './wafer'
import wafer2 from './wafer2'
import weapp from './weapp-session-client'

const _: [
  typeof declaredAccount,
  typeof declaredPlain,
  typeof declaredSigned,
  typeof declaredTraced,
  typeof declaredWafer,
  typeof declaredWafer2,
  typeof declaredWeapp,
] = [account, plain, signed, traced, wafer, wafer2, weapp]
void _
