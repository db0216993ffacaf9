package demo

import (
	"fmt"
	"strings"
	"time"
)

// occasions is what people and computers do all day.
var occasions = []occasion{
	{10, morning}, {22, browsing}, {14, officeWork}, {14, cloudWork}, {12, incomingMail}, {6, updates}, {8, serverTalk}, {6, firewall},
	{4, deployed}, {3, administers}, {5, builds}, {5, fromHome}, {2, mistyped}, {2, linuxChores}, {1, driveMounted},
}

var (
	documents = []string{"Quotation", "Minutes", "Test report", "Shift plan", "Invoice", "Drawing", "Forecast", "Manual", "Price list", "Contract"}
	programs  = []string{"winword", "excel", "powerpnt", "outlook"}
	endings   = map[string]string{"winword": ".docx", "excel": ".xlsx", "powerpnt": ".pptx", "outlook": ".msg"}
	sites     = []string{"www.meadownews.example", "maps.fieldways.example", "search.finderly.example", "www.partsdepot.example", "intranet.larkmoor.example", "video.clipyard.example",
		"docs.tickethaus.example", "crm.salesdesk.example", "codebarn.test", "weather.skyline.example", "hr.paperhill.example", "shop.toolcrate.example"}
	tools = []string{"Teamcall", "Quillsync", "Notepadder", "Printbuddy", "Packer", "Passkeep", "Screenclip"}
)

func (x *routine) anyone() *User { return pick(x.d, x.people) }

// windowsUser is someone with a Windows laptop, as nearly everybody is.
func (x *routine) windowsUser() *User {
	for {
		if u := x.anyone(); windows(u.Device) {
			return u
		}
	}
}

func (x *routine) pid() int64 { return int64(x.d.count(900, 32000)) }

// siteAddress is the same for a name at all times.
func siteAddress(name string) string {
	h := digest(name)
	return fmt.Sprintf("198.18.%d.%d", int(h[0])+100, int(h[1])+int(h[2]))
}

func morning(x *routine, at time.Time) {
	u := x.anyone()
	x.loggedOn(at, u.Device, u, logon{kind: "Interactive"})
	x.authenticated(at.Add(time.Second), u, u.Device, x.byRole["dc"], "Interactive", "")
	x.signedIn(at.Add(x.d.span(20*time.Second, 5*time.Minute)), u, signin{app: pick(x.d, x.CloudApp), address: pick(x.d, x.Egress[:3]), factor: "Mobile app notification", dev: u.Device})
	if windows(u.Device) {
		shell := desktop(u.Device, u)
		shell.born, shell.pid, shell.parent = at.Add(2*time.Second), x.pid(), &process{image: wellKnown(`C:\Windows\System32\userinit.exe`), command: "userinit.exe", pid: x.pid(), dev: u.Device, user: u}
		x.started(shell)
	}
}

func browsing(x *routine, at time.Time) {
	u := x.anyone()
	p := x.browser(u, at)
	if x.d.chance(0.4) {
		p.born = at
		x.started(p)
	}
	for range x.d.count(2, 5) {
		name := pick(x.d, sites)
		at = at.Add(x.d.span(time.Second, 40*time.Second))
		if x.d.chance(0.5) {
			x.resolved(at, u.Device, name, siteAddress(name))
		}
		x.connected(at.Add(80*time.Millisecond), u.Device, connection{remote: siteAddress(name), url: name, port: 443, by: p})
	}
}

func officeWork(x *routine, at time.Time) {
	u := x.windowsUser()
	app := pick(x.d, programs)
	name := fmt.Sprintf("%s %d%s", pick(x.d, documents), x.d.count(1, 400), endings[app])
	p := &process{image: wellKnown(`C:\Program Files\Office\` + app + `.exe`), command: fmt.Sprintf(`"C:\Program Files\Office\%s.exe" "%s"`, app, name), pid: x.pid(), born: at, parent: desktop(u.Device, u), dev: u.Device, user: u}
	x.started(p)
	if x.d.chance(0.2) {
		x.loaded(at.Add(time.Second), u.Device, wellKnown(`C:\Program Files\Office\spell.dll`), p)
	}
	if x.d.chance(0.3) {
		x.registry(at.Add(2*time.Second), u.Device, `HKEY_CURRENT_USER\`+u.SID+`\Software\Office\Recent`, "Item 1", name, p)
	}
	x.filed(at.Add(x.d.span(time.Minute, 20*time.Minute)), u.Device, "FileModified", file{path: `C:\Users\` + u.SAM + `\Documents`, name: name, sha256: x.d.hex(64)}, p)
}

func cloudWork(x *routine, at time.Time) {
	u := x.anyone()
	from := pick(x.d, x.Egress[:3])
	for range x.d.count(1, 4) {
		a := act{app: sharePoint, action: pick(x.d, []string{"FileAccessed", "FileModified", "FileDownloaded", "FileUploaded"}), kind: "File", object: fmt.Sprintf("%s %d", pick(x.d, documents), x.d.count(1, 900)), address: from}
		if x.d.chance(0.3) {
			a = act{app: exchange, action: pick(x.d, []string{"MailItemsAccessed", "Send", "MoveToDeletedItems"}), kind: "Mail item", object: "Inbox", address: from}
		}
		if x.d.chance(0.01) {
			a.app, a.action, a.kind, a.object = exchange, "New-InboxRule", "Mailbox rule", "Newsletters"
			a.raw = bag("Operation", "New-InboxRule", "Name", "Newsletters", "FromAddressContainsWords", "newsletter", "MoveToFolder", "Reading", "ClientIP", from)
		}
		x.acted(at, u, a)
		at = at.Add(x.d.span(time.Second, 3*time.Minute))
	}
}

func incomingMail(x *routine, at time.Time) {
	u := x.anyone()
	m := mail{to: u.Mailbox, network: x.d.guid(), direction: "Inbound", message: message{received: at, outcome: "delivered", place: "inbox"}}
	m.internet = "<" + x.d.hex(24) + "@mail.example>"
	switch x.d.IntN(5) {
	case 0:
		other := x.anyone()
		m.sender, m.senderName, m.senderIP, m.direction, m.subject = other.Mailbox, other.Name, x.Egress[0], "Intra-org", "RE: "+pick(x.d, documents)
	case 1:
		m.sender, m.senderName, m.senderIP = fmt.Sprintf("news@list%d.example", x.d.count(1, 200)), "News", x.stranger()
		m.subject, m.urls = "What is new this week", []string{"https://" + pick(x.d, sites) + "/" + x.d.hex(6)}
	case 2:
		m.sender, m.senderName, m.senderIP, m.subject = fmt.Sprintf("sales@promo%d.test", x.d.count(1, 400)), "Offers", x.stranger(), fmt.Sprintf("Offer %d", x.d.count(100, 999))
		m.outcome, m.place, m.threat = "deliveredAsSpam", "junkFolder", "Spam"
		m.urls = []string{"https://" + hostOf(fmt.Sprintf("https://promo%d.test/", x.d.count(1, 400))) + "/offer"}
	default:
		m.sender, m.senderName, m.senderIP = fmt.Sprintf("orders@buyer%d.example", x.d.count(1, 300)), "Purchasing", x.stranger()
		m.subject = fmt.Sprintf("%s %d", pick(x.d, documents), x.d.count(1000, 9999))
		m.attachment = file{name: strings.ToLower(m.subject) + ".pdf", sha256: x.d.hex(64)}
	}
	x.mailed(m)
	if len(m.urls) > 0 && m.outcome == "delivered" && x.d.chance(0.2) {
		x.clicked(at.Add(x.d.span(time.Minute, 2*time.Hour)), u, m.urls[0], m.network, u.Device.Address, false)
	}
}

func updates(x *routine, at time.Time) {
	u := x.windowsUser()
	name := pick(x.d, tools)
	version := fmt.Sprintf("%d.%d", x.d.count(2, 9), x.d.count(0, 40))
	program := strings.ToLower(name)
	if name == "Quillsync" {
		program = "qs" // the one that an attack comes with
	}
	p := &process{image: wellKnown(`C:\Program Files\` + name + `\` + program + `_update.exe`), pid: x.pid(), born: at, dev: u.Device}
	p.command = p.image.name + " --silent"
	x.started(p)
	x.connected(at.Add(time.Second), u.Device, connection{remote: siteAddress(name), url: "updates." + strings.ToLower(name) + ".example", port: 443, by: p})
	lib := wellKnown(`C:\Program Files\` + name + `\core-` + version + `.dll`)
	x.filed(at.Add(3*time.Second), u.Device, "FileCreated", lib, p)
	x.registry(at.Add(4*time.Second), u.Device, `HKEY_LOCAL_MACHINE\SOFTWARE\`+name, "Version", version, p)
	if x.d.chance(0.3) {
		x.loaded(at.Add(5*time.Second), u.Device, lib, p)
	}
}

func serverTalk(x *routine, at time.Time) {
	svc, from, to := pick(x.d, x.services), pick(x.d, x.servers), pick(x.d, x.servers)
	x.loggedOn(at, to, svc, logon{kind: "Network", from: from})
	x.authenticated(at, svc, from, to, "Resource access", bag("EncryptionType", "Aes256CtsHmacSha196"))
	x.connected(at, from, connection{remote: to.Address, port: pick(x.d, []int{445, 1433, 389, 5985, 443})})
	u := x.anyone()
	x.authenticated(at.Add(x.d.span(time.Second, time.Minute)), u, u.Device, x.byRole[pick(x.d, []string{"files", "files2", "print", "erp"})], "Resource access", bag("EncryptionType", "Aes256CtsHmacSha196"))
	if x.d.chance(0.5) {
		f := x.byRole["files"]
		x.loggedOn(at, f, u, logon{kind: "Network", from: u.Device})
	}
}

func firewall(x *routine, at time.Time) {
	for range x.d.count(2, 5) {
		t := traffic{from: pick(x.d, x.clients).Address, to: siteAddress(pick(x.d, sites)), port: 443, sent: x.d.count(500, 90_000), received: x.d.count(2_000, 4_000_000)}
		if x.d.chance(0.2) {
			t = traffic{from: x.stranger(), to: x.byRole["web"].Address, url: "https://portal.larkmoor.example/" + pick(x.d, []string{"", "login", "orders", "images/logo.png"}), port: 443, activity: "HTTP request", sent: x.d.count(300, 900), received: x.d.count(900, 90_000)}
		}
		x.passed(at, t)
		at = at.Add(x.d.span(time.Second, time.Minute))
	}
}

// deployed looks like an attack, as such scripts do: PowerShell past its policy.
func deployed(x *routine, at time.Time) {
	svc, tool, u := x.service("svc-deploy"), x.byRole["deploy"], x.windowsUser()
	agent := &process{image: wellKnown(`C:\Windows\CCM\agent.exe`), command: "agent.exe", pid: 2044, dev: u.Device, user: svc}
	ps := &process{image: wellKnown(`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`), command: fmt.Sprintf(`powershell -ep bypass -File \\%s\jobs\job%d.ps1`, tool.Name, x.d.count(1, 60)), pid: x.pid(), born: at, parent: agent, dev: u.Device, user: svc}
	x.loggedOn(at.Add(-time.Second), u.Device, svc, logon{kind: "Network", from: tool})
	x.started(ps)
	x.connected(at.Add(time.Second), u.Device, connection{remote: tool.Address, port: 445, by: ps})
	x.registry(at.Add(4*time.Second), u.Device, `HKEY_LOCAL_MACHINE\SOFTWARE\Larkmoor\Baseline`, "Job", ps.command, ps)
}

func administers(x *routine, at time.Time) {
	u, jump, to := pick(x.d, x.admins), x.byRole["jump"], pick(x.d, x.servers[:13])
	x.loggedOn(at, jump, u, logon{kind: "RemoteInteractive", from: u.Device})
	if !windows(to) {
		return
	}
	x.loggedOn(at.Add(30*time.Second), to, u, logon{kind: "RemoteInteractive", from: jump})
	line := pick(x.d, []string{"net stop Spooler", "net start Spooler", "net user /domain", "ipconfig /all", "net group \"helpdesk\" /domain", "whoami /groups"})
	program, _, _ := strings.Cut(line, " ")
	x.started(&process{image: wellKnown(`C:\Windows\System32\` + program + `.exe`), command: line, pid: x.pid(), born: at.Add(2 * time.Minute), parent: desktop(to, u), dev: to, user: u})
}

func builds(x *routine, at time.Time) {
	for i := range x.d.count(1, 4) {
		x.called(at.Add(time.Duration(i)*time.Second), call{user: "ci-publisher", address: x.Egress[1], service: "s3", name: "PutObject", params: bag("bucketName", "lm-firmware-builds", "key", "build-"+x.d.hex(8)+".bin")})
	}
	x.called(at, call{user: pick(x.d, []string{"ops-reader", "backup-agent"}), address: x.Egress[0], service: "ec2", name: pick(x.d, []string{"DescribeInstances", "DescribeVolumes", "DescribeSnapshots"}), read: true})
}

func fromHome(x *routine, at time.Time) {
	u := x.anyone()
	x.signedIn(at, u, signin{app: pick(x.d, x.CloudApp), address: u.HomeIP, factor: "Mobile app notification", dev: u.Device})
	if x.d.chance(0.03) {
		admin := pick(x.d, x.admins)
		x.changed(at, admin, pick(x.d, []string{"Update user", "Add member to group", "Reset user password", "Add member to role"}), "UserManagement", u.UPN, admin.HomeIP)
	}
	if x.d.chance(0.03) {
		x.changed(at, u, "User registered security info", "UserManagement", u.UPN, u.HomeIP)
	}
}

func mistyped(x *routine, at time.Time) {
	u := x.anyone()
	for i := range x.d.count(1, 3) {
		x.signedIn(at.Add(time.Duration(i)*9*time.Second), u, signin{app: pick(x.d, x.CloudApp), address: u.HomeIP, code: 50126, dev: u.Device})
	}
	if x.d.chance(0.4) {
		x.loggedOn(at, u.Device, u, logon{kind: "Interactive", failure: "InvalidUserNameOrPassword"})
	}
}

func linuxChores(x *routine, at time.Time) {
	dev := x.byRole[pick(x.d, []string{"node1", "node2", "node3", "build", "wiki", "web2"})]
	cron := &process{image: wellKnown("/usr/sbin/cron"), command: "cron -f", pid: 611, dev: dev}
	line := pick(x.d, []string{"/usr/bin/curl -s http://10.10.0.24/health", "/usr/bin/apt-get update", "/usr/sbin/logrotate /etc/logrotate.conf", "/usr/bin/kubelet-check"})
	program, _, _ := strings.Cut(line, " ")
	p := &process{image: wellKnown(program), command: line, pid: x.pid(), born: at, parent: cron, dev: dev}
	x.started(p)
	x.connected(at.Add(time.Second), dev, connection{remote: "10.10.0.24", port: 443, by: p})
}

func driveMounted(x *routine, at time.Time) {
	u := x.windowsUser()
	x.noted(at, u.Device, "UsbDriveMounted", bag("DriveLetter", "E:", "ProductName", "Office drive", "SerialNumber", x.d.hex(12)), nil)
}
