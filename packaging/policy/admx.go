package policy

import (
	"strconv"
	"strings"

	"nxphone/call/profile"
)

// Where the settings stand in the registry; package profile reads them there.
const (
	registryKey         = `Software\Policies\nxphone`
	registryRecommended = registryKey + `\Recommended`
)

const admxSpace = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"

// admxName is a key as templates may name things.
func admxName(k profile.Key) string { return strings.ReplaceAll(string(k), "-", "_") }

// level is one of the two places of a setting.
type level struct {
	suffix, key, category string
}

func levels(i profile.Info) []level {
	all := []level{{"", registryKey, "nxphone"}}
	if !i.PolicyOnly {
		all = append(all, level{"_recommended", registryRecommended, "recommended"})
	}
	return all
}

// ADMX is the template of Windows' group policies: every setting as an order,
// and, but for those that only an organisation may give, as a proposal.
func ADMX() ([]byte, error) {
	policies := el("policies")
	for _, i := range profile.Keys() {
		for _, l := range levels(i) {
			policies = policies.with(admxPolicy(i, l))
		}
	}
	root := el("policyDefinitions", "xmlns", admxSpace, "revision", "1.0", "schemaVersion", "1.0").with(
		el("policyNamespaces").with(el("target", "prefix", "nxphone", "namespace", "nxphone.Policies")),
		el("resources", "minRequiredRevision", "1.0"),
		el("supportedOn").with(el("definitions").with(el("definition", "name", "SUPPORTED", "displayName", "$(string.SUPPORTED)"))),
		el("categories").with(
			el("category", "name", "nxphone", "displayName", "$(string.nxphone)"),
			el("category", "name", "recommended", "displayName", "$(string.recommended)").with(el("parentCategory", "ref", "nxphone")),
		),
		policies,
	)
	return root.document(""), nil
}

func admxPolicy(i profile.Info, l level) node {
	id, value := admxName(i.Key), string(i.Key)
	p := el("policy", "name", id+l.suffix, "class", "Both", "displayName", "$(string."+id+")", "explainText", "$(string."+id+"_explain)", "key", l.key)
	if i.Kind == profile.KindSwitch {
		p.attrs = append(p.attrs, "valueName", value)
	} else {
		p.attrs = append(p.attrs, "presentation", "$(presentation."+id+")")
	}
	p = p.with(el("parentCategory", "ref", l.category), el("supportedOn", "ref", "SUPPORTED"))
	var element node
	switch {
	case i.Kind == profile.KindSwitch:
		return p.with(
			el("enabledValue").with(el("decimal", "value", "1")),
			el("disabledValue").with(el("decimal", "value", "0")),
		)
	case i.Kind == profile.KindCount:
		element = el("decimal", "id", id, "valueName", value, "minValue", strconv.Itoa(i.Least), "maxValue", strconv.Itoa(i.Most))
	case i.Kind == profile.KindList, i.Kind == profile.KindRecords:
		element = el("list", "id", id, "key", l.key+`\`+value, "valuePrefix", "")
	case i.Words != nil:
		element = el("enum", "id", id, "valueName", value, "required", "true")
		for _, w := range i.Words {
			element = element.with(el("item", "displayName", "$(string."+id+"_"+wordName(w)+")").with(el("value").with(el("string").say(w))))
		}
	default:
		element = el("text", "id", id, "valueName", value)
		if i.Longest > 0 {
			element.attrs = append(element.attrs, "maxLength", strconv.Itoa(i.Longest))
		}
	}
	return p.with(el("elements").with(element))
}

func wordName(w string) string { return strings.ReplaceAll(w, "-", "_") }

// language is what a template says in one language.
type language struct {
	title, description, supported, recommended string
	values, without, secret, items             string
	doc                                        func(profile.Info) string
}

func english() language {
	return language{
		title: "nxphone", description: "Settings of the nxphone softphone", supported: "nxphone 0.1 and later",
		recommended: "Proposals (users may change them)", values: "Values", without: "Without it", secret: "It may carry a secret.",
		items: "Each item is one object in JSON, for example",
		doc:   func(i profile.Info) string { return sentence(i.Doc) },
	}
}

func korean() language {
	return language{
		title: "nxphone", description: "nxphone 소프트폰의 설정", supported: "nxphone 0.1 이상",
		recommended: "권장 값 (사용자가 바꿀 수 있음)", values: "값", without: "정하지 않으면", secret: "비밀이 들어 있을 수 있습니다.",
		items: "항목마다 JSON 객체를 하나씩 적습니다. 예",
		doc:   func(i profile.Info) string { return i.Korean },
	}
}

// ADML is the words of the template in one language.
func ADML(w language) ([]byte, error) {
	table := el("stringTable").with(
		el("string", "id", "nxphone").say(w.title), el("string", "id", "recommended").say(w.recommended), el("string", "id", "SUPPORTED").say(w.supported),
	)
	presentations := el("presentationTable")
	for _, i := range profile.Keys() {
		id := admxName(i.Key)
		table = table.with(el("string", "id", id).say(string(i.Key)), el("string", "id", id+"_explain").say(w.explain(i)))
		for _, word := range i.Words {
			table = table.with(el("string", "id", id+"_"+wordName(word)).say(word))
		}
		if i.Kind != profile.KindSwitch {
			presentations = presentations.with(el("presentation", "id", id).with(presentation(i)))
		}
	}
	root := el("policyDefinitionResources", "xmlns", admxSpace, "revision", "1.0", "schemaVersion", "1.0").with(
		el("displayName").say(w.title), el("description").say(w.description),
		el("resources").with(table, presentations),
	)
	return root.document(""), nil
}

// explain is the help of one setting.
func (w language) explain(i profile.Info) string {
	lines := []string{w.doc(i)}
	if i.Values != "text" && i.Kind != profile.KindSwitch && i.Kind != profile.KindList && i.Kind != profile.KindRecords {
		lines = append(lines, w.values+": "+i.Values)
	}
	if i.Kind == profile.KindRecords {
		lines = append(lines, w.items+": "+strings.Trim(i.Example, "[]"))
	}
	if i.Default != "" && i.Default != "[]" {
		lines = append(lines, w.without+": "+i.Default)
	}
	if i.Sensitive {
		lines = append(lines, w.secret)
	}
	return strings.Join(lines, "\n")
}

func presentation(i profile.Info) node {
	id := admxName(i.Key)
	switch {
	case i.Kind == profile.KindCount:
		return el("decimalTextBox", "refId", id, "defaultValue", i.Default).say(string(i.Key))
	case i.Kind == profile.KindList, i.Kind == profile.KindRecords:
		return el("listBox", "refId", id).say(string(i.Key))
	case i.Words != nil:
		return el("dropdownList", "refId", id, "noSort", "true").say(string(i.Key))
	}
	return el("textBox", "refId", id).with(el("label").say(string(i.Key)))
}
