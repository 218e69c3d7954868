package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"nxphone/call/profile"
)

const plistHead = `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n"

// plistValue is a JSON value as a property list has it.
func plistValue(v any) (node, error) {
	switch v := v.(type) {
	case string:
		return el("string").say(v), nil
	case bool:
		return el(strconv.FormatBool(v)), nil
	case float64:
		if v != float64(int64(v)) {
			return node{}, fmt.Errorf("%v is no whole number", v)
		}
		return el("integer").say(strconv.FormatInt(int64(v), 10)), nil
	case []any:
		n := el("array")
		for _, item := range v {
			c, err := plistValue(item)
			if err != nil {
				return node{}, err
			}
			n = n.with(c)
		}
		return n, nil
	case map[string]any:
		n := el("dict")
		for _, name := range slices.Sorted(maps.Keys(v)) {
			c, err := plistValue(v[name])
			if err != nil {
				return node{}, err
			}
			n = n.with(el("key").say(name), c)
		}
		return n, nil
	}
	return node{}, fmt.Errorf("a property list has no %T", v)
}

func dict(pairs ...any) node {
	n := el("dict")
	for i := 0; i+1 < len(pairs); i += 2 {
		n = n.with(el("key").say(pairs[i].(string)), pairs[i+1].(node))
	}
	return n
}

func str(s string) node { return el("string").say(s) }

// Manifest describes the managed preferences of macOS to the editors of
// configuration profiles, in the form that ProfileCreator and iMazing read.
func Manifest() ([]byte, error) {
	keys := el("array")
	for _, i := range profile.Keys() {
		k := dict("pfm_name", str(string(i.Key)), "pfm_title", str(string(i.Key)), "pfm_description", str(sentence(i.Doc)+"\n"+i.Korean), "pfm_type", str(preferenceType(i.Kind)))
		switch {
		case i.Words != nil:
			list := el("array")
			for _, w := range i.Words {
				list = list.with(str(w))
			}
			k = k.with(el("key").say("pfm_range_list"), list)
		case i.Kind == profile.KindCount:
			k = k.with(el("key").say("pfm_range_min"), el("integer").say(strconv.Itoa(i.Least)), el("key").say("pfm_range_max"), el("integer").say(strconv.Itoa(i.Most)))
		}
		if i.Sensitive {
			k = k.with(el("key").say("pfm_sensitive"), el("true"))
		}
		keys = keys.with(k)
	}
	root := el("plist", "version", "1.0").with(dict(
		"pfm_title", str("nxphone"), "pfm_description", str("Settings of the nxphone softphone"), "pfm_domain", str(profile.PreferencesDomain),
		"pfm_format_version", el("integer").say("1"), "pfm_version", el("integer").say("1"), "pfm_platforms", el("array").with(str("macOS")),
		"pfm_subkeys", keys,
	))
	return root.document(plistHead), nil
}

func preferenceType(k profile.Kind) string {
	switch k {
	case profile.KindSwitch:
		return "boolean"
	case profile.KindCount:
		return "integer"
	case profile.KindList, profile.KindRecords:
		return "array"
	}
	return "string"
}

// Preferences is every setting with its example, as it stands in
// /Library/Managed Preferences: a pattern to cut down.
func Preferences() ([]byte, error) {
	d := el("dict")
	for _, i := range profile.Keys() {
		raw, err := profile.JSON(i.Key, i.Example)
		if err != nil {
			return nil, err
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, err
		}
		n, err := plistValue(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.Key, err)
		}
		d = d.with(el("key").say(string(i.Key)), n)
	}
	return el("plist", "version", "1.0").with(d).document(plistHead), nil
}
