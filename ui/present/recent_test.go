package present

import (
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/recent"
)

func TestRecentRows(t *testing.T) {
	words := text.For(text.English)
	r := Recents(RecentFacts{Visible: -1, Now: noon}, words)
	for _, tt := range []struct {
		e    recent.Entry
		want RecentRow
	}{
		{recent.Entry{ID: 7, Tel: "01012345678", At: noon.Add(-time.Hour), Answered: true, Length: 204 * time.Second, Code: call.CodeRemoteHangup},
			RecentRow{ID: 7, Tel: "01012345678", Number: "010-1234-5678", What: "11:00 AM · 3 min 24 s", Icon: "phone", Role: Good}},
		{recent.Entry{ID: 6, Tel: "1393", At: noon.AddDate(0, 0, -1), Code: call.CodeNoAnswer},
			RecentRow{ID: 6, Tel: "1393", Number: "1393", What: "yesterday 12:00 PM · no answer", Icon: "hangup", Role: Warn}},
		{recent.Entry{ID: 5, Tel: "15880000", At: noon.AddDate(0, 0, -2), Code: call.CodeCancelled},
			RecentRow{ID: 5, Tel: "15880000", Number: "1588-0000", What: "28 February, 12:00 PM · cancelled", Icon: "close", Role: Neutral}},
		{recent.Entry{ID: 4, Tel: "0212345678", At: noon.AddDate(-1, 0, 0), Answered: true, Length: time.Hour, Code: call.CodeFarewell},
			RecentRow{ID: 4, Tel: "0212345678", Number: "02-1234-5678", What: "Sun 2 March 2025, 12:00 PM · 1 h, with notice", Icon: "phone", Role: Good}},
		{recent.Entry{ID: 3, Tel: "600", At: noon, Code: call.CodeCertificate},
			RecentRow{ID: 3, Tel: "600", Number: "600", What: "12:00 PM · not connected", Icon: "hangup", Role: Warn}},
	} {
		if got := r.Row(tt.e, words); got != tt.want {
			t.Errorf("\n got %+v\nwant %+v", got, tt.want)
		}
	}
	masked := Recents(RecentFacts{Visible: 2, Now: noon}, words).Row(recent.Entry{ID: 1, Tel: "01012345678", At: noon}, words)
	if strings.Contains(masked.Number+masked.What, "1234") || masked.Tel != "01012345678" {
		t.Errorf("%+v", masked)
	}
}

// TestEveryEndHasItsWords: no code of a call may be without words in the list.
func TestEveryEndHasItsWords(t *testing.T) {
	for _, l := range text.Langs() {
		words := text.For(l)
		for _, c := range []call.Code{call.CodeNoAnswer, call.CodeLineBusy, call.CodeNotFound, call.CodeDeclined, call.CodeUnreachable, call.CodeFlowLost, ""} {
			if w := words.Text(howKey(c)); w == "" || strings.Contains(w, "recent.") {
				t.Errorf("%s: %q has %q", l, c, w)
			}
		}
	}
}

func TestRecentWords(t *testing.T) {
	words := text.For(text.English)
	one := []recent.Entry{{ID: 1, Tel: "600"}}
	organisation := Setting{From: FromOrganisation, Locked: true}
	for _, tt := range []struct {
		name    string
		st      recent.State
		setting Setting
		want    Recent
	}{
		{"off", recent.State{Mode: recent.Off}, Setting{}, Recent{Kept: "No calls are kept. The settings can change that."}},
		{"off, by the organisation", recent.State{Mode: recent.Off}, organisation, Recent{Kept: "Your organisation keeps no calls here."}},
		{"memory, empty", recent.State{}, Setting{}, Recent{Kept: "Gone when the program is closed.", Empty: "No calls yet. Those that you make will stand here."}},
		{"days", recent.State{Mode: recent.Days(30), Entries: one}, organisation,
			Recent{Kept: "Kept on this computer for 30 days by your organisation.", CanClear: true}},
		{"one day, proposed", recent.State{Mode: recent.Days(1), Entries: one}, Setting{From: FromProposal},
			Recent{Kept: "Kept on this computer for 1 day.", CanClear: true}},
		{"damaged", recent.State{Mode: recent.Days(2), Fault: recent.FaultDamaged}, Setting{},
			Recent{Kept: "Kept on this computer for 2 days.", Empty: "No calls yet. Those that you make will stand here.", CanClear: true,
				Fault: "The file with earlier calls is damaged and could not be read. It was set aside; deleting all calls deletes it too."}},
	} {
		got := Recents(RecentFacts{State: tt.st, Setting: tt.setting, Now: noon}, words)
		if got.Kept != tt.want.Kept || got.Fault != tt.want.Fault || got.Empty != tt.want.Empty || got.CanClear != tt.want.CanClear {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}

func TestMasked(t *testing.T) {
	for _, tt := range []struct {
		tel     string
		visible int
		want    string
	}{
		{"01012345678", -1, "010-1234-5678"}, {"01012345678", 4, "***-****-5678"}, {"01012345678", 2, "***-****-**78"},
		{"01012345678", 0, "***-****-****"}, {"1393", 4, "****"}, {"1393", 2, "**93"}, {"606", 2, "***"}, {"", 4, ""},
		{"+821012345678", 4, "***_**-****-5678"}, {"alice", 2, "***ce"},
	} {
		if got := strings.ReplaceAll(Masked(tt.tel, tt.visible), " ", "_"); got != tt.want {
			t.Errorf("Masked(%q, %d) = %q, want %q", tt.tel, tt.visible, got, tt.want)
		}
	}
}
