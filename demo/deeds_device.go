package demo

import (
	"fmt"
	"time"
)

// This file holds the deeds on devices.

// beacon is a connection about once a minute, for two hours.
func beacon(s *trace) {
	dev := s.device()
	at, by := s.at, s.last(dev)
	for range 120 {
		at = at.Add(s.d.span(57*time.Second, 63*time.Second))
		s.connected(at, dev, connection{remote: s.address, url: s.name(), port: 443, by: by})
	}
}

// upload is a large transfer, in parts.
func upload(part int) deed {
	return func(s *trace) {
		dev, at := s.device(), s.at
		for range 12 {
			s.passed(at, traffic{from: dev.Address, to: s.address, url: s.name(), port: 443, sent: part + s.d.IntN(part), received: s.d.count(2000, 90000)})
			s.connected(at, dev, connection{remote: s.address, url: s.name(), port: 443, by: s.last(dev)})
			at = at.Add(s.d.span(time.Minute, 4*time.Minute))
		}
	}
}

func (r *recorder) browser(u *User, at time.Time) *process {
	f := wellKnown(`C:\Program Files\Meadow\meadow.exe`)
	if !windows(u.Device) {
		f = wellKnown("/opt/meadow/meadow")
	}
	return &process{image: f, command: f.name + " --profile default", pid: int64(r.d.count(900, 32000)), born: at.Add(-r.d.span(time.Minute, 3*time.Hour)), dev: u.Device, user: u, parent: desktop(u.Device, u)}
}

func runDialog(s *trace) {
	p := s.by()
	if p == nil {
		return
	}
	s.registry(s.at, p.dev, `HKEY_CURRENT_USER\`+s.user().SID+`\Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU`, "a", p.command+`\1`, desktop(p.dev, p.user))
}

func browserStores(s *trace) {
	u := s.user()
	for _, name := range []string{`Meadow\Default\Login Data`, `Meadow\Default\Cookies`, `Foxglove\key4.db`} {
		f := wellKnown(`C:\Users\` + u.SAM + `\AppData\Local\` + name)
		s.noted(s.at, s.device(), "SensitiveFileRead", bag("FilePath", f.full()), s.by(), "FileName", f.name, "FolderPath", f.full())
	}
	f := wellKnown(`C:\Users\` + u.SAM + `\AppData\Local\Temp\box.zip`)
	s.filed(s.at.Add(40*time.Second), s.device(), "FileCreated", f, s.by())
}

func exclusions(s *trace) {
	for _, drive := range []string{`C:\`, `D:\`} {
		s.registry(s.at, s.device(), `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Defender\Exclusions\Paths`, drive, "0", s.by())
	}
	s.registry(s.at, s.device(), `HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows Defender`, "DisableAntiSpyware", "1", s.by())
}

func readsSecrets(s *trace) {
	s.noted(s.at, s.device(), "ReadProcessMemoryApiCall", bag("TargetProcess", "lsass.exe"), s.by(), "FileName", "lsass.exe", "FolderPath", `C:\Windows\System32\lsass.exe`)
}

// remoteService: an account came over the network and installed a service.
func remoteService(s *trace) {
	at, dev, p := s.at.Add(-3*time.Second), s.device(), s.by()
	if p == nil {
		return
	}
	s.loggedOn(at, dev, s.user(), logon{kind: "Network", from: s.from})
	s.filed(at.Add(time.Second), dev, "FileCreated", file{path: `C:\Windows`, name: p.command[len(`C:\Windows\`):], sha256: p.image.sha256}, nil, "RequestSourceIP", s.from.Address, "ShareName", "ADMIN$", "RequestProtocol", "Smb")
	s.registry(at.Add(2*time.Second), dev, `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\`+p.command[len(`C:\Windows\`):], "ImagePath", p.command, nil)
	s.noted(at.Add(2*time.Second), dev, "ServiceInstalled", bag("ServiceName", p.command[len(`C:\Windows\`):], "ServiceAccount", "LocalSystem"), nil)
	s.connected(at, s.from, connection{remote: dev.Address, port: 445, by: s.last(s.from)})
}

func encrypts(s *trace) {
	at := s.at
	for i := range 40 {
		name := fmt.Sprintf("%s %d.docx", pick(s.d, documents), i)
		f := file{path: `D:\Shares\` + pick(s.d, departments).name, name: name + ".grimlock", sha256: s.d.hex(64)}
		if s.device().Role == "client" {
			f.path = `C:\Users\Public\Documents`
		}
		s.filed(at, s.device(), "FileRenamed", f, s.by(), "PreviousFileName", name, "PreviousFolderPath", f.path)
		at = at.Add(s.d.span(20*time.Millisecond, 400*time.Millisecond))
	}
}

func hiveFile(s *trace) {
	s.filed(s.at, s.device(), "FileCreated", wellKnown(`C:\Temp\s`), s.by())
}

func toUSB(s *trace) {
	s.noted(s.at.Add(-time.Minute), s.device(), "UsbDriveMounted", bag("DriveLetter", "E:", "ProductName", "Pocket drive", "SerialNumber", digest(s.device().Name)[:12]), nil)
	for i := range 15 {
		f := file{path: `E:\`, name: fmt.Sprintf("drawing_%d_%s.dwg", i, s.d.hex(4)), sha256: s.d.hex(64)}
		s.filed(s.at.Add(time.Duration(i)*time.Second), s.device(), "FileCreated", f, desktop(s.device(), s.user()), "SensitivityLabel", "Confidential")
	}
}

func toStorage(s *trace) {
	u := s.user()
	s.connected(s.at, u.Device, connection{remote: "198.18.77.5", url: hostOf(s.urls[0]), port: 443, by: s.browser(u, s.at)})
	s.passed(s.at, traffic{from: u.Device.Address, to: "198.18.77.5", url: s.urls[0], port: 443, sent: 740_000_000, received: 60_000})
	s.resolved(s.at, u.Device, hostOf(s.urls[0]), "198.18.77.5")
}

func wipes(s *trace) {
	for i := range 30 {
		f := file{path: `D:\Drawings`, name: fmt.Sprintf("drawing_%d.dwg", i), sha256: s.d.hex(64)}
		s.filed(s.at.Add(time.Duration(i)*300*time.Millisecond), s.device(), "FileDeleted", f, desktop(s.device(), s.user()))
	}
}

func loadsLibrary(s *trace) {
	if len(s.files) > 0 && s.by() != nil {
		s.loaded(s.at, s.device(), asFile(s.files[0]), s.by())
	}
}

// dataInNames: long random names below one domain.
func dataInNames(s *trace) {
	at := s.at
	for range 15 {
		at = at.Add(s.d.span(time.Second, 40*time.Second))
		s.resolved(at, s.device(), s.d.hex(20)+".telemetry-quillsync.test", "198.18.9.9")
	}
}

func hiddenTask(s *trace) {
	s.registry(s.at, s.device(), `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\QsHealth`, "Id", "{"+s.d.guid()+"}", nil)
	s.noted(s.at, s.device(), "ScheduledTaskCreated", bag("TaskName", `\QsHealth`), s.by())
}

// podShellStarts: the program that serves web pages starts a shell.
func podShellStarts(s *trace) {
	node := s.byRole["node1"]
	web := &process{image: wellKnown("/app/shop-web"), command: "/app/shop-web --listen :8080", pid: 4411, born: s.at.Add(-20 * time.Hour), dev: node, parent: systemProcess(node)}
	sh := &process{image: wellKnown("/bin/sh"), command: "sh -i", pid: int64(s.d.count(20000, 30000)), born: s.at, parent: web, dev: node}
	s.recorder.started(sh)
	token := &process{image: wellKnown("/bin/cat"), command: "cat /var/run/secrets/kubernetes.io/serviceaccount/token", pid: sh.pid + 4, born: s.at.Add(4 * time.Minute), parent: sh, dev: node}
	s.recorder.started(token)
}

// detected is what the antivirus wrote of a file.
func detected(s *trace) {
	if len(s.files) > 0 {
		f := asFile(s.files[0])
		s.noted(s.at, s.device(), "AntivirusDetection", bag("ThreatName", s.files[0].FileDetails.FileName, "WasRemediated", "true"), nil, "FileName", f.name, "FolderPath", f.full(), "SHA256", f.sha256)
	}
}
