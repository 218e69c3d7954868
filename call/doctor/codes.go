package doctor

// Code names a finding. The strings are stable: programs compare them, and the
// catalogue has the words under "doctor." and the code.
type Code string

// The codes, by area.
const (
	SettingsOK        Code = "settings-ok"
	SettingsFault     Code = "settings-fault"      // file, key, rule
	SettingsBroken    Code = "settings-broken"     // the file is not JSON, or cannot be read
	LineMissing       Code = "line-missing"        // realm, extension or address is empty
	LineWrong         Code = "line-wrong"          // one of them cannot be dialled with
	CAFileFault       Code = "ca-file-fault"       // unreadable, or no certificate in it
	PasswordFileFault Code = "password-file-fault" // unreadable or empty
	PasswordFileOpen  Code = "password-file-open"  // others may read it

	PoliciesOK    Code = "policies-ok"
	PoliciesNone  Code = "policies-none"
	PolicyFault   Code = "policy-fault"
	PolicyIgnored Code = "policy-ignored" // unsafe rights: not read
	PolicyKept    Code = "policy-kept"    // what it said last holds
	PolicyGuarded Code = "policy-guarded" // what it said is not known: all is locked
	PolicyUnkept  Code = "policy-unkept"  // no copy for that time could be written
	// ProvisionFault: the organisation's server gave no settings; the last count.
	ProvisionFault Code = "provision-fault"

	DiskOK      Code = "disk-ok"
	DiskLow     Code = "disk-low"
	DiskFull    Code = "disk-full"
	DiskDenied  Code = "disk-denied" // nothing can be written
	DiskUnknown Code = "disk-unknown"

	ClockOK      Code = "clock-ok"
	ClockOff     Code = "clock-off"     // minutes
	ClockWrong   Code = "clock-wrong"   // so far off that certificates fail
	ClockFree    Code = "clock-free"    // no time server sets it, and nobody told the time
	ClockUnknown Code = "clock-unknown" // nobody told the time

	DisplayOK       Code = "display-ok"
	DisplaySoftware Code = "display-software" // OpenGL without a graphics card
	DisplayNone     Code = "display-none"
	DisplayNoGL     Code = "display-no-opengl"
	DisplayHung     Code = "display-hung"
	DisplayShown    Code = "display-shown" // asked by the window itself

	KeyringOK       Code = "keyring-ok"
	KeyringEmpty    Code = "keyring-empty"
	KeyringNone     Code = "keyring-none"
	KeyringLocked   Code = "keyring-locked"
	KeyringTimeout  Code = "keyring-timeout"
	KeyringNeedless Code = "keyring-needless" // a password file is used

	MicrophoneOK     Code = "microphone-ok"
	MicrophoneDead   Code = "microphone-dead"   // opened, and only zeroes come
	MicrophoneStuck  Code = "microphone-stuck"  // opened, and nothing comes
	SpeakerOK        Code = "speaker-ok"        //
	SoundNull        Code = "sound-null"        // no device is wanted
	SoundNone        Code = "sound-none"        // no device at all
	SoundMissing     Code = "sound-missing"     // not the one that is chosen
	SoundBusy        Code = "sound-busy"        // another program has it alone
	SoundDenied      Code = "sound-denied"      // the system refuses it
	SoundHung        Code = "sound-hung"        // the sound system does not answer
	SoundFailed      Code = "sound-failed"      //
	SoundInCall      Code = "sound-in-call"     // a call has the devices
	HeadsetOK        Code = "headset-ok"        // buttons work
	HeadsetNone      Code = "headset-none"      // no USB headset with buttons
	HeadsetOff       Code = "headset-off"       // by the setting
	HeadsetDenied    Code = "headset-denied"    // no right to /dev/hidraw
	HeadsetFault     Code = "headset-fault"     //
	HeadsetUnknown   Code = "headset-unknown"   // no way on this system
	NameOK           Code = "name-ok"           // addresses
	NameLiteral      Code = "name-literal"      // the address is one already
	NameProxy        Code = "name-proxy"        // the proxy looks names up
	NameUnknown      Code = "name-unknown"      // there is no such name
	NameTimeout      Code = "name-timeout"      // the name server does not answer
	NameFailed       Code = "name-failed"       //
	ConnectionOK     Code = "connection-ok"     //
	ConnectionProxy  Code = "connection-proxy"  // by way of a proxy
	ConnRefused      Code = "conn-refused"      // nobody listens
	ConnTimeout      Code = "conn-timeout"      // a firewall, or no such machine
	ConnUnreachable  Code = "conn-unreachable"  // no route
	ConnFailed       Code = "conn-failed"       //
	ProxyUnreachable Code = "proxy-unreachable" // the proxy itself
	ProxyRefused     Code = "proxy-refused"     // status

	TLSOK        Code = "tls-ok" // days
	TLSSoon      Code = "tls-soon"
	TLSLocal     Code = "tls-local" // ws:// on this computer
	TLSNone      Code = "tls-none"  // ws:// over a network
	TLSExpired   Code = "tls-expired"
	TLSEarly     Code = "tls-early"
	TLSName      Code = "tls-name"
	TLSAuthority Code = "tls-authority"
	TLSSelf      Code = "tls-self-signed"
	TLSUntrusted Code = "tls-untrusted"
	TLSNot       Code = "tls-not" // it does not speak TLS
	TLSOld       Code = "tls-old"
	TLSTimeout   Code = "tls-timeout"
	TLSFailed    Code = "tls-failed"

	WSOK       Code = "ws-ok"
	WSNoSIP    Code = "ws-no-sip" // the sub-protocol is not confirmed
	WSDenied   Code = "ws-denied" // 401, 403, 407
	WSPath     Code = "ws-path"   // 404
	WSRedirect Code = "ws-redirect"
	WSServer   Code = "ws-server" // 5xx
	WSRefused  Code = "ws-refused"
	WSNotHTTP  Code = "ws-not-http"
	WSTimeout  Code = "ws-timeout"

	SIPOK       Code = "sip-ok"
	SIPAnswered Code = "sip-answered" // by a refusal, which is an answer too
	SIPServer   Code = "sip-server"   // 5xx
	SIPSilent   Code = "sip-silent"
	SIPGarbage  Code = "sip-garbage"
	SIPClosed   Code = "sip-closed"

	RelayNone       Code = "relay-none"
	RelayOK         Code = "relay-ok"
	RelayStunOK     Code = "relay-stun-ok"
	RelayWrong      Code = "relay-wrong" // the URL
	RelayName       Code = "relay-name"
	RelayRefused    Code = "relay-refused" // nobody listens
	RelayTimeout    Code = "relay-timeout"
	RelayTLS        Code = "relay-tls"
	RelayNoPassword Code = "relay-no-password"
	RelayDenied     Code = "relay-denied"
	RelayQuota      Code = "relay-quota"
	RelayFailed     Code = "relay-failed"

	WebAPIOff  Code = "web-api-off"
	WebAPIOK   Code = "web-api-ok"
	WebAPIBusy Code = "web-api-busy"
	WebAPIOpen Code = "web-api-open" // this process listens

	BrowserNone   Code = "browser-none"  // no page is allowed, or no browser here
	BrowserOK     Code = "browser-ok"    // allowed by policy
	BrowserAsks   Code = "browser-asks"  // the user is asked
	BrowserBars   Code = "browser-bars"  // a policy forbids it
	BrowserFault  Code = "browser-fault" // a policy file cannot be read
	CallOK        Code = "call-ok"
	CallQuick     Code = "call-quick"     // not asked for
	CallNoNumber  Code = "call-no-number" //
	CallNoLine    Code = "call-no-line"   // the server cannot be reached anyway
	CallBusy      Code = "call-busy"      // another call is up
	CallFailed    Code = "call-failed"    // reason: a code of package call
	CallNoSound   Code = "call-no-sound"
	CallLoss      Code = "call-loss"
	CallSlow      Code = "call-slow"
	CallUneven    Code = "call-uneven"
	Unfinished    Code = "unfinished"      // the check took too long
	SkippedNoWay  Code = "skipped-no-way"  // an earlier step failed
	SkippedNoLine Code = "skipped-no-line" // no address is set
)

// meaning is the grade and area of a code.
type meaning struct {
	grade Grade
	area  Area
}

// meanings is the one table of all codes.
func meanings() map[Code]meaning {
	all := map[Code]meaning{}
	put := func(a Area, g Grade, codes ...Code) {
		for _, c := range codes {
			all[c] = meaning{g, a}
		}
	}
	put(AreaSettings, OK, SettingsOK)
	put(AreaSettings, Warning, SettingsFault, PasswordFileOpen)
	put(AreaSettings, Error, SettingsBroken, LineMissing, LineWrong, CAFileFault, PasswordFileFault)
	put(AreaPolicies, OK, PoliciesOK, PoliciesNone)
	put(AreaPolicies, Warning, ProvisionFault, PolicyKept, PolicyGuarded, PolicyUnkept)
	put(AreaPolicies, Error, PolicyFault, PolicyIgnored)
	put(AreaDisk, OK, DiskOK)
	put(AreaDisk, Warning, DiskLow)
	put(AreaDisk, Error, DiskFull, DiskDenied)
	put(AreaDisk, Skipped, DiskUnknown)
	put(AreaClock, OK, ClockOK)
	put(AreaClock, Warning, ClockOff, ClockFree)
	put(AreaClock, Error, ClockWrong)
	put(AreaClock, Skipped, ClockUnknown)
	put(AreaDisplay, OK, DisplayOK, DisplaySoftware, DisplayShown)
	put(AreaDisplay, Warning, DisplayNone)
	put(AreaDisplay, Error, DisplayNoGL, DisplayHung)
	put(AreaKeyring, OK, KeyringOK, KeyringEmpty, KeyringNeedless)
	put(AreaKeyring, Warning, KeyringNone, KeyringLocked, KeyringTimeout)
	put(AreaMicrophone, OK, MicrophoneOK)
	put(AreaMicrophone, Warning, MicrophoneDead)
	put(AreaMicrophone, Error, MicrophoneStuck, SoundNone, SoundMissing, SoundBusy, SoundDenied, SoundHung, SoundFailed)
	put(AreaMicrophone, Skipped, SoundNull, SoundInCall)
	put(AreaSpeaker, OK, SpeakerOK)
	put(AreaHeadset, OK, HeadsetOK, HeadsetNone)
	put(AreaHeadset, Skipped, HeadsetOff, HeadsetUnknown)
	put(AreaHeadset, Warning, HeadsetDenied, HeadsetFault)
	put(AreaName, OK, NameOK, NameLiteral, NameProxy)
	put(AreaName, Error, NameUnknown, NameTimeout, NameFailed)
	put(AreaConnection, OK, ConnectionOK, ConnectionProxy)
	put(AreaConnection, Error, ConnRefused, ConnTimeout, ConnUnreachable, ConnFailed, ProxyUnreachable, ProxyRefused)
	put(AreaTLS, OK, TLSOK, TLSLocal)
	put(AreaTLS, Warning, TLSSoon, TLSNone)
	put(AreaTLS, Error, TLSExpired, TLSEarly, TLSName, TLSAuthority, TLSSelf, TLSUntrusted, TLSNot, TLSOld, TLSTimeout, TLSFailed)
	put(AreaWebSocket, OK, WSOK)
	put(AreaWebSocket, Warning, WSNoSIP)
	put(AreaWebSocket, Error, WSDenied, WSPath, WSRedirect, WSServer, WSRefused, WSNotHTTP, WSTimeout)
	put(AreaSIP, OK, SIPOK, SIPAnswered)
	put(AreaSIP, Warning, SIPServer, SIPSilent)
	put(AreaSIP, Error, SIPGarbage, SIPClosed)
	put(AreaRelay, OK, RelayNone, RelayOK, RelayStunOK)
	put(AreaRelay, Error, RelayWrong, RelayName, RelayRefused, RelayTimeout, RelayTLS, RelayNoPassword, RelayDenied, RelayQuota, RelayFailed)
	put(AreaWebAPI, OK, WebAPIOK, WebAPIOpen)
	put(AreaWebAPI, Skipped, WebAPIOff)
	put(AreaWebAPI, Error, WebAPIBusy)
	put(AreaBrowser, OK, BrowserOK)
	put(AreaBrowser, Skipped, BrowserNone)
	put(AreaBrowser, Warning, BrowserAsks, BrowserFault)
	put(AreaBrowser, Error, BrowserBars)
	put(AreaCall, OK, CallOK)
	put(AreaCall, Skipped, CallQuick, CallNoLine, CallBusy)
	put(AreaCall, Warning, CallNoNumber, CallSlow, CallUneven)
	put(AreaCall, Error, CallFailed, CallNoSound, CallLoss)
	put(AreaCall, Error, Unfinished)
	put(AreaConnection, Skipped, SkippedNoWay, SkippedNoLine)
	return all
}

// Codes lists every code, in no order.
func Codes() []Code {
	var all []Code
	for c := range meanings() {
		all = append(all, c)
	}
	return all
}

// HasHelp reports whether the catalogue says what to do about a code.
func HasHelp(c Code) bool { return meanings()[c].grade >= Warning }
