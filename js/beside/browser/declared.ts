// What the declarations by hand say is what the script exports.
import type * as declared from '../../browser'
import * as script from '../browser'

const _: typeof declared = script
void _
