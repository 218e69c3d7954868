// What a page may write, and what it may not: compiled, never run.

nxWebApi.SetCallBack((json) => {
  const event: { Type: string } = JSON.parse(json);
  event.Type.toLowerCase();
});
nxWebApi.SetCallBack(null);

const placed: 0 | -1 = nxWebApi.directCall('example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', '');
nxWebApi.directCall('example.net', 1000, 1012345678, 'ws://sbc.example.net');
nxWebApi.directCall('example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', null);
if (placed !== 0) window.nxWebApi.Clear();

const muted: 0 | -1 = nxWebApi.Mute('Audio', true) || nxWebApi.Mute('Video', false);
const sent: 0 | -1 = nxWebApi.sendDTMF('12#') || nxWebApi.sendDTMF(5) || nxWebApi.take() || nxWebApi.pair('123456') || nxWebApi.pair(null);
void [muted, sent];

const off: () => void = nxWebApi.on('Mute', ({ n, Data }) => {
  const sum: number = n + Data.id;
  const on: boolean = Data.on;
  void [sum, on];
});
off();
nxWebApi.on('Phone', ({ Data }) => {
  if (Data.reason === 'not-running') console.log(Data.message);
});
nxWebApi.on('Ended', ({ Data }) => Data.sip?.toFixed());
nxWebApi.on('Pairing', ({ Data }) => Data.tries.toFixed());
nxWebApi.on('*', (event) => {
  if (event.Type === 'RemoteHold') console.log(event.Data.on);
  if (event.Type === 'Refused' && event.Data.command === 'dtmf') console.log(event.Data.code);
});
const always = () => undefined;
nxWebApi.on('*', always);
nxWebApi.off('*', always);

const { state: doing = 'away', until = 0 } = nxWebApi.shift() ?? {};
if (doing === 'rest') console.log(new Date(until));
const set: 0 | -1 = nxWebApi.setShift('after-call') || nxWebApi.help(true) || nxWebApi.help('seen');
void set;
nxWebApi.on('Shift', ({ Data }) => console.log(Data.state, Data.help ? Data.helpCall : 0));
nxWebApi.on('Help', ({ Data }) => Data.on && !Data.seen && console.log(Data.id));

const { reachable, call, epoch } = nxWebApi.state();
if (reachable && call?.state === 'in-call') console.log(new Date(call.since), epoch);

// @ts-expect-error the number is missing
nxWebApi.directCall('example.net', '1000');
// @ts-expect-error the address is no number
nxWebApi.directCall('example.net', '1000', '0101', 6081);
// @ts-expect-error there is no such type to mute
nxWebApi.Mute('audio', true);
// @ts-expect-error on or off has to be said
nxWebApi.Mute('Audio');
// @ts-expect-error a boolean, not a word
nxWebApi.Mute('Audio', 'true');
// @ts-expect-error the callback gets text
nxWebApi.SetCallBack((event: { Type: string }) => event.Type);
// @ts-expect-error there is no such event
nxWebApi.on('Ring', () => undefined);
// @ts-expect-error Trying has no codec
nxWebApi.on('Trying', ({ Data }) => Data.codec);
// @ts-expect-error a state is a copy: writing to it does nothing
nxWebApi.state().busy = false;
// @ts-expect-error without a question whether there is a call
nxWebApi.state().call.id.toFixed();
// @ts-expect-error no such reason
if (nxWebApi.state().reason === 'absent') console.log();
// @ts-expect-error the script owns its name
window.nxWebApi = nxWebApi;
// @ts-expect-error no such state
nxWebApi.setShift('lunch');
// @ts-expect-error may be undefined
nxWebApi.shift().state.toString();
// @ts-expect-error true, false or seen
nxWebApi.help('on');
// @ts-expect-error no such function
nxWebApi.clear();
