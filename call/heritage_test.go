package call

import (
	"strings"
	"testing"
)

// The lines below are the contract with the old pages, byte for byte.
func TestHeritageGolden(t *testing.T) {
	s := Snapshot{Call: Call{ID: 7, DN: "3008"}}
	for _, tc := range []struct {
		cause Cause
		want  string
	}{
		{Began{}, `{"Kind":"SIP","Type":"Connecting","Data":{"status":"connecting","desc":"Call in progress...","dn":"3008","id":7}}`},
		{Tried{}, `{"Kind":"SIP","Type":"Trying","Data":{"status":" i_ao_request","desc":"Trying","dn":"3008","id":7}}`},
		{Rang{Code: 183}, `{"Kind":"SIP","Type":"Ringing","Data":{"status":" i_ao_request","desc":"Ringing","dn":"3008","id":7}}`},
		{Answered{}, `{"Kind":"SIP","Type":"InCall","Data":{"status":"connected","desc":"In call","dn":"3008","id":7}}`},
		{Ended{Reason: Reason{Code: CodeLineBusy, SIP: 486}}, `{"Kind":"SIP","Type":"Clear","Data":{"status":"terminated","desc":"Call terminated","dn":"3008","id":7}}`},
		{MediaUp{}, ""}, {MuteChanged{}, ""}, {VideoMuteChanged{}, ""}, {RemoteHoldChanged{}, ""}, {EarlyMediaHeard{}, ""},
		{DeafChanged{}, ""}, {HoldChanged{}, ""}, {FarewellBegan{}, ""}, {MuteLeaked{}, ""},
		{DigitSent{}, ""}, {HangingUp{}, ""}, {nil, ""},
	} {
		got, ok := HeritageJSON(s, tc.cause)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%T:\n got %s\nwant %s", tc.cause, got, tc.want)
		}
	}
	if got, want := SetCallBackJSON(), `{"Type":"SetCallBack","Data":{"result":"Success"}}`; got != want {
		t.Errorf("SetCallBack:\n got %s\nwant %s", got, want)
	}
	odd := Snapshot{Call: Call{ID: 1, DN: "a&b"}}
	if got, _ := HeritageJSON(odd, Began{}); !strings.Contains(got, `"dn":"a&b"`) {
		t.Errorf("escaped for HTML: %s", got)
	}
}

func TestEventJSON(t *testing.T) {
	s := Snapshot{Revision: 17, Call: Call{ID: 3, DN: "1000"}}
	for _, tc := range []struct {
		cause Cause
		want  string
	}{
		{Began{}, ""}, {Tried{}, ""}, {Rang{}, ""}, {Answered{}, ""}, {nil, ""},
		{EarlyMediaHeard{}, `{"Kind":"nxphone","Type":"EarlyMedia","Data":{"id":3,"rev":17}}`},
		{MediaUp{Codec: "opus"}, `{"Kind":"nxphone","Type":"MediaUp","Data":{"id":3,"rev":17,"codec":"opus"}}`},
		{MuteChanged{On: false}, `{"Kind":"nxphone","Type":"Mute","Data":{"id":3,"rev":17,"on":false}}`},
		{VideoMuteChanged{On: true}, `{"Kind":"nxphone","Type":"VideoMute","Data":{"id":3,"rev":17,"on":true}}`},
		{DeafChanged{On: true}, `{"Kind":"nxphone","Type":"Deaf","Data":{"id":3,"rev":17,"on":true}}`},
		{HoldChanged{On: false}, `{"Kind":"nxphone","Type":"Hold","Data":{"id":3,"rev":17,"on":false}}`},
		{FarewellBegan{}, `{"Kind":"nxphone","Type":"Farewell","Data":{"id":3,"rev":17}}`},
		{MuteLeaked{}, `{"Kind":"nxphone","Type":"MuteLeak","Data":{"id":3,"rev":17}}`},
		{RemoteHoldChanged{On: true}, `{"Kind":"nxphone","Type":"RemoteHold","Data":{"id":3,"rev":17,"on":true}}`},
		{DigitSent{Digit: '#'}, `{"Kind":"nxphone","Type":"DigitSent","Data":{"id":3,"rev":17,"digit":"#"}}`},
		{HangingUp{}, `{"Kind":"nxphone","Type":"HangingUp","Data":{"id":3,"rev":17}}`},
		{Ended{Reason: Reason{Code: CodeLineBusy, SIP: 486, Phrase: "Busy Here"}},
			`{"Kind":"nxphone","Type":"Ended","Data":{"id":3,"rev":17,"code":"busy","sip":486,"phrase":"Busy Here"}}`},
	} {
		if got, ok := EventJSON(s, tc.cause); got != tc.want || ok != (tc.want != "") {
			t.Errorf("%T:\n got %s\nwant %s", tc.cause, got, tc.want)
		}
	}
}
