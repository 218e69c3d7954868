package owner

import "testing"

func TestStranger(t *testing.T) {
	const me, other, everyone = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", "S-1-1-0"
	for _, c := range []struct {
		name, owner, want string
		list              []entry
	}{
		{"a profile's", me, "", []entry{{sidSystem, true}, {sidAdmins, true}, {me, true}}},
		{"made by an administrator", sidAdmins, "", []entry{{me, true}}},
		{"everyone reads", me, everyone, []entry{{me, true}, {everyone, true}}},
		{"everyone is refused", me, "", []entry{{everyone, false}, {me, true}}},
		{"another's", other, other, []entry{{me, true}}},
		{"another may write", me, other, []entry{{other, true}}},
		{"a folder's", me, "", []entry{{sidCreatorOwner, true}}},
		{"nobody at all", me, "", nil},
	} {
		if got := stranger(me, c.owner, c.list); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := sddl(me, true); got != "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;"+me+")" {
		t.Error(got)
	}
	if got := sddl(me, false); got != "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;"+me+")" {
		t.Error(got)
	}
}
