package owner

import (
	"slices"
	"strings"
)

// entry is one line of a list of rights: who, and whether it gives or refuses.
type entry struct {
	who   string // a SID as text
	gives bool
}

// Well-known SIDs ([MS-DTYP] 2.4.2.4).
const (
	sidSystem       = "S-1-5-18"
	sidAdmins       = "S-1-5-32-544"
	sidCreatorOwner = "S-1-3-0" // stands in folders for whoever makes a file there
	sidOwnerRights  = "S-1-3-4" // what the owner himself is bound to
	sidInstaller    = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
)

// stranger finds somebody besides the user, administrators and the system who is
// given anything, or owns the object; "" for nobody. me is the user's SID.
func stranger(me, owner string, list []entry) string {
	trusted := []string{me, sidSystem, sidAdmins, sidCreatorOwner, sidOwnerRights, sidInstaller}
	if !slices.Contains(trusted, owner) {
		return owner
	}
	for _, e := range list {
		if e.gives && !slices.Contains(trusted, e.who) {
			return e.who
		}
	}
	return ""
}

// sddl is the list that lets in this user, administrators and the system, and is
// not added to by the folder above ([MS-DTYP] 2.5.1).
func sddl(me string, folder bool) string {
	inherit := ""
	if folder {
		inherit = "OICI" // files and folders in it
	}
	var b strings.Builder
	b.WriteString("D:P")
	for _, who := range []string{"SY", "BA", me} {
		b.WriteString("(A;" + inherit + ";FA;;;" + who + ")")
	}
	return b.String()
}
