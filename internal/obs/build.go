package obs

import (
	"runtime"
	"runtime/debug"
	"sync"
)

const module = "github.com/bufeomq/bufeo"

// Build says which bufeo this is. Fields that the Go tool did not stamp are empty.
type Build struct {
	Version  string `json:"version"`            // version of the module, "(devel)" when built from a work tree
	Revision string `json:"revision,omitempty"` // commit
	Time     string `json:"time,omitempty"`     // when it was committed, RFC 3339
	Modified bool   `json:"modified,omitempty"` // the work tree differed from the commit
	Go       string `json:"go"`                 // toolchain
	Platform string `json:"platform"`           // operating system and architecture, such as linux/amd64
}

// ThisBuild is what the Go tool stamped into the running program. Inside another program (package server, package
// sqstest) it is the version of bufeo that was linked into it, and commit and time, which would be that program's, are
// left out.
var ThisBuild = sync.OnceValue(func() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return build(info)
})

func build(info *debug.BuildInfo) Build {
	b := Build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if info.Main.Path != module {
		for _, d := range info.Deps {
			if d.Path == module {
				b.Version = d.Version
			}
		}
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	b.Revision = settings["vcs.revision"]
	b.Time = settings["vcs.time"]
	b.Modified = settings["vcs.modified"] == "true"
	return b
}
