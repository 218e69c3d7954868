package present_test

import (
	"strings"
	"testing"

	"nxphone/call"
	"nxphone/ui/present"
)

func TestNormalise(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		code     call.Code
	}{
		{"010-1234-5678", "01012345678", ""},
		{"  010 1234 5678\n", "01012345678", ""},
		{"010.1234.5678", "01012345678", ""},
		{"(02) 123-4567", "021234567", ""},
		{"02)123-4567", "021234567", ""},
		{"+82 10-1234-5678", "01012345678", ""},
		{"+82-2-123-4567", "021234567", ""},
		{"+82 (0)10 1234 5678", "01012345678", ""},
		{"+1 (650) 555-0100", "+16505550100", ""},
		{"tel:+82-10-1234-5678", "01012345678", ""},
		{"TEL:010-1234-5678;phone-context=+82", "01012345678", ""},
		{"sip:600@example.net", "600@example.net", ""},
		{"sip:600@example.net;transport=ws", "600@example.net", ""},
		{"nxphone://600", "600", ""},
		{"０１０－１２３４－５６７８", "01012345678", ""},
		{"010\u20131234\u20145678", "01012345678", ""},
		{"\u202a01012345678\u202c", "01012345678", ""}, // as spreadsheets copy it
		{"\ufeff600", "600", ""},
		{"*72#", "*72#", ""},
		{"1588-0000", "15880000", ""},
		{"alice", "alice", ""},
		{"alice@example.net", "alice@example.net", ""},
		{"kim-2", "kim-2", ""},
		{"", "", call.CodeEmptyTel},
		{"   ", "", call.CodeEmptyTel},
		{"-", "-", ""}, // odd, but the server's to judge
		{"홍길동", "", call.CodeHangulTel},
		{"전화 010-1234-5678", "", call.CodeHangulTel},
		{"ㅁ", "", call.CodeHangulTel},
		{"a b", "", call.CodeBadTel},
		{"<600>", "", call.CodeBadTel},
		{"\"600\"", "", call.CodeBadTel},
		{"@600", "", call.CodeBadTel},
		{"６００é", "", call.CodeBadTel},
		{strings.Repeat("1", 128), strings.Repeat("1", 128), ""},
		{strings.Repeat("1", 129), "", call.CodeTooLong},
	} {
		got, err := present.Normalise(tt.in)
		if got != tt.want || call.CodeOf(err) != tt.code || (err != nil) != (tt.code != "") {
			t.Errorf("Normalise(%q) = %q, %v; want %q, %q", tt.in, got, err, tt.want, tt.code)
		}
	}
}

func TestNormaliseTwiceIsOnce(t *testing.T) {
	for _, in := range []string{"010-1234-5678", "+82 10 1234 5678", "sip:600@example.net", "alice", "+1 650 555 0100"} {
		once, err := present.Normalise(in)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := present.Normalise(once); twice != once || err != nil {
			t.Errorf("%q became %q, then %q, %v", in, once, twice, err)
		}
	}
}

func TestType(t *testing.T) {
	for _, tt := range []struct {
		typed, want string
		code        call.Code // of the last character
	}{
		{"010-1234-5678", "01012345678", ""},
		{"+82", "+82", ""},
		{"*72#", "*72#", ""},
		{"６０", "60", ""},
		{"kim-2", "kim-2", ""},
		{"600@example.net", "600@example.net", ""},
		{" ", "", ""},
		{"60ㅁ", "60", call.CodeHangulTel},
		{"60가", "60", call.CodeHangulTel},
		{"60<", "60", call.CodeBadTel},
		{"60\"", "60", call.CodeBadTel},
		{"kim ", "kim", call.CodeBadTel},
		{"@", "@", ""}, // not right yet, and refused when dialled
		{strings.Repeat("1", 129), strings.Repeat("1", 128), call.CodeTooLong},
	} {
		number := ""
		var err error
		for _, r := range tt.typed {
			number, err = present.Type(number, r)
		}
		if number != tt.want || call.CodeOf(err) != tt.code {
			t.Errorf("typing %q gives %q, %v; want %q, %q", tt.typed, number, err, tt.want, tt.code)
		}
	}
}

func TestGroup(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "6": "6", "600": "600", "1000": "1000", "0": "0", "01": "01", "010": "010", "0101": "010-1", "0101234": "010-1234",
		"01012345": "010-123-45", "0101234567": "010-123-4567", "01012345678": "010-1234-5678",
		"02": "02", "021234567": "02-123-4567", "0212345678": "02-1234-5678",
		"0311234567": "031-123-4567", "07012345678": "070-1234-5678", "050212345678": "0502-1234-5678",
		"15880000": "1588-0000", "119": "119", "00118121234": "00118121234", "010123456789": "010123456789",
		"+16505550100": "+16505550100", "alice": "alice", "*72#": "*72#", "600@example.net": "600@example.net",
	} {
		if got := present.Group(in); got != want {
			t.Errorf("Group(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestGroupChangesNothing: what is shown holds the same digits as what is
// dialled.
func TestGroupChangesNothing(t *testing.T) {
	for n := ""; len(n) < 20; n += "0" {
		for _, head := range []string{"0", "01", "02", "050", "1", "9"} {
			if got := strings.ReplaceAll(present.Group(head+n), "-", ""); got != head+n {
				t.Errorf("Group(%q) shows %q", head+n, got)
			}
		}
	}
}

func TestForm(t *testing.T) {
	good := present.Form{Realm: "example.net", DN: "1000", URL: "wss://sbc.example.net:6081/ws?x=1", User: "kim"}
	if f := good.Check(); !f.None() {
		t.Errorf("faults in good settings: %+v", f)
	}
	if f := (present.Form{}).Check(); !f.None() {
		t.Errorf("faults in empty settings: %+v", f)
	}
	bad := present.Form{Realm: "example net", DN: "천", URL: "http://a", User: "a\"b"}
	if f, want := bad.Check(), (present.Faults{call.CodeBadRealm, call.CodeBadDN, call.CodeBadURL, "error.user"}); f != want {
		t.Errorf("got %+v, want %+v", f, want)
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"+82 (0)10-1234-5678", "tel:1;x", "전화", "\xff\xfe", "sip:a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := present.Normalise(s)
		if err != nil {
			return
		}
		if present.CheckTel(n) != nil {
			t.Errorf("%q gave %q, which cannot be dialled", s, n)
		}
	})
}
