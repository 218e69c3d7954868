/*
 * Declarations of nxWebApi.js: a page places calls with the phone (nxphone) on
 * the same desk. Reference it from a page's TypeScript with
 *
 *   /// <reference path="nxWebApi.d.ts" />
 *
 * Licence: MIT, as the whole project.
 */

/** What a function says: 0 it was taken, -1 it was refused and nothing follows. */
type NxResult = 0 | -1;

/** Why there is no phone; "" while there is one. */
type NxReason =
  /** There is a phone, and this page may use it. */
  | ''
  /** The first connection, or one after a loss, is being made. */
  | 'connecting'
  /** Nothing answers: no phone runs, or its web access is off. */
  | 'not-running'
  /** The browser does not let this page reach apps on this device. */
  | 'browser'
  /** Nothing answers, and the browser has asked the user or will. */
  | 'browser-asks'
  /** The phone does not allow this page's origin, or is asking its user just now. */
  | 'not-allowed'
  /** What answered could not prove that it is the phone this page knows. */
  | 'not-proven'
  /** The phone shows a code that has to be entered, or three tries were wrong. */
  | 'code'
  /** The phone's user has taken the permission back. */
  | 'revoked';

/** The call of this origin, as the phone knows it. The number called is not in it. */
interface NxCall {
  /** The phone's number for this call; it counts from 1 in each run of the phone. */
  id: number;
  state: 'connecting' | 'trying' | 'ringing' | 'in-call' | 'clearing';
  /** The extension that the call was made with. */
  dn: string;
  /** The microphone is off, as the capture path has confirmed it. */
  mute: boolean;
  /** A change of the microphone waits for that confirmation. */
  mutePending: boolean;
  /** No picture may be sent in this call: Mute('Video', true). */
  video: boolean;
  /** The far end holds the call. */
  hold: boolean;
  /** Sound of the network has come before the answer. */
  earlyMedia: boolean;
  /** Sound flows. */
  mediaUp: boolean;
  /** The name of the codec, "" before it is known. */
  codec: string;
  /** When the call was answered, in Unix milliseconds; 0 before. */
  since: number;
}

/** Everything the page knows, at one moment. */
interface NxState {
  /** The phone is there, has proved itself, and lets this page in. */
  readonly reachable: boolean;
  readonly reason: NxReason;
  /** One sentence for the user, Korean or English, saying what to do; "" for none. */
  readonly message: string;
  /** The phone's version, "" before the first connection. */
  readonly version: string;
  /** Names the phone's run; numbers of events count within it. */
  readonly epoch: string;
  /** The number of the last event seen. */
  readonly n: number;
  /** A call is up on the phone, whoever placed it. */
  readonly busy: boolean;
  /** This page controls it: Clear, Mute and sendDTMF are for this page. */
  readonly control: boolean;
  /** It is a call of this origin whose page is gone: take() would get it. */
  readonly free: boolean;
  /** The call, where it is one of this origin. */
  readonly call: Readonly<NxCall> | null;
}

/** What the phone's user is doing between and beside calls, and the request for help. */
interface NxShift {
  /** Ready for a call or in one; at work on the last one; resting; or away. */
  state: NxShiftState;
  /** When that began, in Unix milliseconds. */
  since: number;
  /** When a rest ends by itself, in Unix milliseconds; 0 otherwise. */
  until: number;
  /** The user asks for help. */
  help: boolean;
  /** The phone's number of the call that needs a hand; 0: none is named. */
  helpCall: number;
  /** A supervisor has seen the request. */
  seen: boolean;
}
type NxShiftState = 'ready' | 'after-call' | 'rest' | 'away';

/** Data of the events that old pages know. */
interface NxHeritageData {
  /** "connecting", " i_ao_request" (with the blank), "connected" or "terminated". */
  status: string;
  /** The state in English. */
  desc: string;
  /** The extension that the call was made with. */
  dn: string;
  /** The phone's number for this call; 0 for one that never reached the phone. */
  id: number;
}

/** Members that every new event of a call has. */
interface NxEventData {
  id: number;
  /** The phone's revision of its state; it only grows. */
  rev: number;
}

/** The data of each type of event that on() tells. */
interface NxEvents {
  /** The phone has taken the call, or it has failed before: then the id is 0 and Clear follows. */
  Connecting: NxHeritageData;
  /** The server works on it (SIP 100). */
  Trying: NxHeritageData;
  /** The far end rings (SIP 180 to 183). */
  Ringing: NxHeritageData;
  /** The far end has answered. */
  InCall: NxHeritageData;
  /** The call is over, or never came to be. Exactly one for each directCall that returned 0. */
  Clear: NxHeritageData;
  /** Sound of the network before the answer. */
  EarlyMedia: NxEventData;
  /** Sound flows in the answered call. */
  MediaUp: NxEventData & { codec: string };
  /** The microphone's state has changed, whoever did it, as the capture path confirmed. */
  Mute: NxEventData & { on: boolean };
  /** Whether a picture may be sent has changed. on: it may not. */
  VideoMute: NxEventData & { on: boolean };
  /** The phone's user holds the call, as the far end accepted, or does not any more. */
  Hold: NxEventData & { on: boolean };
  /** The phone's user does not want to hear, as the playout confirmed, or hears again. */
  Deaf: NxEventData & { on: boolean };
  /** Sound was measured behind the closed microphone: the mute cannot be trusted. */
  MuteLeak: NxEventData;
  /** The notice of a lawful ending is being played to the far end; the call ends after it. */
  Farewell: NxEventData;
  /** The far end holds the call, or does not any more. */
  RemoteHold: NxEventData & { on: boolean };
  /** One digit of sendDTMF has been sent. */
  DigitSent: NxEventData & { digit: string };
  /** This side is ending the call; Clear follows. */
  HangingUp: NxEventData;
  /** Why the call ended: comes with Clear. */
  Ended: NxEventData & {
    /** "hangup", "remote-hangup", "busy", "no-answer", "not-found", ... */
    code: string;
    /** The server's status code, where it gave one. */
    sip?: number;
    /** The server's own words, for details. */
    phrase?: string;
    /** This side ended it. */
    local?: boolean;
  };
  /** What the user is doing, or the request for help, has changed: the whole of it. */
  Shift: NxShift;
  /**
   * The user asks for help in the call of this number (0: none is named), a
   * supervisor has seen it, or it is over. Shift comes before it.
   */
  Help: { on: boolean; id: number; seen: boolean };
  /** Somebody else's call has changed: of the phone's window or of another page's origin. */
  Busy: { busy: boolean };
  /** Measurements of this origin's call, about once a second; durations in milliseconds. */
  Quality: Record<string, unknown>;
  /** Who controls the call has changed; the new state. */
  Control: NxState;
  /** Whether the phone can be reached has changed. */
  Phone: Pick<NxState, 'reachable' | 'reason' | 'message'>;
  /**
   * The phone shows six digits, and waits for pair(). tries: how many are left.
   * Without a listener for exactly this type the script asks by window.prompt.
   */
  Pairing: { tries: number };
  /**
   * The phone refused a command of this page after the function had returned 0.
   * code: why, such as "busy-here", "not-controller", "rate-limited", "no-rest"
   * (none is set), "no-shift" (the phone is nobody's desk).
   */
  Refused: { command: 'dial' | 'clear' | 'mute' | 'dtmf' | 'take' | 'shift' | 'help'; code: string };
  /** So many events were missed for good while there was no connection: read state(). */
  Gap: { missed: number };
}

/** An event of the new API. Types and members may be added: ignore what you do not know. */
type NxEvent = {
  [Type in keyof NxEvents]: {
    /**
     * The event's number in this run of the phone: it grows by one with each
     * event of the phone. What comes from the script itself has the number of
     * the last event before it.
     */
    n: number;
    /** "SIP" for the events that old pages know, else "nxphone". */
    Kind: 'SIP' | 'nxphone';
    Type: Type;
    Data: NxEvents[Type];
  };
}[keyof NxEvents];

/** The global nxWebApi. No function throws, and none waits. */
interface NxWebApi {
  /**
   * Sets the function that gets the events of this page's calls, each as a JSON
   * string: SetCallBack at once, then Connecting, Trying, Ringing, InCall and
   * Clear. It takes the place of the one before; anything else than a function
   * takes it away. When the page was reloaded in a call, the event of the
   * present state follows.
   */
  SetCallBack(fn: ((json: string) => void) | null): void;

  /**
   * Places a call. 0: Connecting follows, and in the end exactly one Clear;
   * both come with the id 0 when the phone is not reached within 5 s or
   * refuses. -1, and nothing follows: an argument is missing or wrong, the
   * phone is known not to be there, or a call is up.
   *
   * @param realm the server's name, such as "example.net"
   * @param dn_number the extension to call with
   * @param tel_number the number to call; no Hangul
   * @param websocket_url where the server is, ws:// or wss://
   * @param push_token for mobile devices; missing, null, "" and "default" are none
   */
  directCall(
    realm: string,
    dn_number: string | number,
    tel_number: string | number,
    websocket_url: string,
    push_token?: string | null,
  ): NxResult;

  /** Ends the call. -1: there is none. */
  Clear(): NxResult;

  /**
   * Switches the microphone off (true) and on; by "Video", whether a picture may
   * be sent. -1: there is no call, or another type. A Mute that could not be
   * sent yet is sent as soon as it can.
   */
  Mute(type: 'Audio' | 'Video', enable: boolean): NxResult;

  /**
   * Calls fn at each event of this type, or of every type ("*"). Gives a
   * function that stops it. What fn throws is reported like any uncaught error
   * and disturbs nothing.
   */
  on<Type extends keyof NxEvents>(type: Type, fn: (event: Extract<NxEvent, { Type: Type }>) => void): () => void;
  on(type: '*', fn: (event: NxEvent) => void): () => void;

  /** Stops what on() began. */
  off<Type extends keyof NxEvents>(type: Type, fn: (event: Extract<NxEvent, { Type: Type }>) => void): void;
  off(type: '*', fn: (event: NxEvent) => void): void;

  /** A copy of everything the page knows now. */
  state(): NxState;

  /**
   * Sends digits to the far end: 0-9 * # A-D, up to 128. -1: there is no call
   * that the phone has taken, the phone is not connected just now, or another
   * character.
   */
  sendDTMF(digits: string | number): NxResult;

  /**
   * Takes control of a call of this origin whose page is gone (state().free).
   * The event of its present state goes to the callback. -1: there is none.
   */
  take(): NxResult;

  /**
   * What the user is doing between calls, as the phone told it last; undefined
   * before the first connection and for a phone that is nobody's desk.
   */
  shift(): NxShift | undefined;

  /**
   * Says what the user is doing; no call is needed, nor control of one. The event
   * Shift follows where it changes something. 'rest' is one of the length that
   * the organisation has set. -1: the phone is not connected just now.
   */
  setShift(to: NxShiftState): NxResult;

  /**
   * Asks for help for the user (true), in the call that is up if there is one; or
   * ends the request (false); or says that a supervisor has seen it ('seen'): the
   * user is shown that, and the request ends with its call. -1: the phone is not
   * connected just now.
   */
  help(on: boolean | 'seen'): NxResult;

  /** Answers the Pairing event; null gives up. -1: no code is being asked for. */
  pair(code: string | number | null): NxResult;
}

declare const nxWebApi: NxWebApi;

interface Window {
  readonly nxWebApi: NxWebApi;
}
