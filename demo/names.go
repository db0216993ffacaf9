package demo

var firstNames = []string{
	"Adaeze", "Aino", "Alba", "Amir", "Anouk", "Arjun", "Astrid", "Bao", "Beatriz", "Benedikt", "Bram", "Camille",
	"Chiara", "Chinedu", "Clara", "Dafydd", "Daria", "Dmitri", "Eamon", "Elif", "Elena", "Emeka", "Esther", "Farah",
	"Felix", "Femke", "Finn", "Freya", "Gabriel", "Giulia", "Grace", "Hana", "Hassan", "Helga", "Hugo", "Ilse",
	"Imani", "Ingrid", "Iris", "Ivan", "Jamal", "Jasper", "Joana", "Jonas", "Kaito", "Karim", "Katya", "Kofi",
	"Lars", "Layla", "Leon", "Linh", "Lotte", "Lucia", "Magnus", "Maja", "Malik", "Marta", "Mateo", "Mei",
	"Mila", "Nadia", "Nils", "Noor", "Olga", "Omar", "Oskar", "Paula", "Pedro", "Petra", "Priya", "Quentin",
	"Rafael", "Ravi", "Rosa", "Ruben", "Sanne", "Sara", "Selma", "Sven", "Tariq", "Tess", "Tomas", "Uma",
	"Vera", "Viktor", "Wanda", "Wei", "Yara", "Yusuf", "Zara", "Zofia",
}

var lastNames = []string{
	"Abara", "Almeida", "Andersen", "Banerjee", "Bauer", "Becker", "Berg", "Bianchi", "Brandt", "Campos", "Castell",
	"Chen", "Claes", "Costa", "Dahl", "Demir", "Diallo", "Dvorak", "Eklund", "Eriksen", "Fabre", "Falk", "Ferreira",
	"Fischer", "Fonseca", "Gallo", "Garnier", "Haas", "Haddad", "Hagen", "Hansen", "Hoffer", "Ibarra", "Ilves",
	"Iversen", "Jansen", "Jovanov", "Kaplan", "Keller", "Khoury", "Kimura", "Klein", "Kovacs", "Kruger", "Kumar",
	"Lahti", "Larsen", "Lemaire", "Lindqvist", "Lopes", "Maes", "Marchetti", "Mbeki", "Meyer", "Moreau", "Mori",
	"Nagy", "Ndiaye", "Novak", "Nyberg", "Obi", "Okafor", "Olsen", "Ortega", "Osei", "Pavlov", "Peeters", "Pereira",
	"Popescu", "Quist", "Rahman", "Ramos", "Reyes", "Ricci", "Roux", "Saito", "Santos", "Sato", "Schmid", "Silva",
	"Sorensen", "Suzuki", "Tanaka", "Toth", "Tran", "Ueda", "Varga", "Vogel", "Weber", "Wouters", "Yilmaz", "Zeller",
}

// department is a part of the company with its share of the people.
type department struct {
	name  string
	share int // of 100
	jobs  []string
}

var departments = []department{
	{"Finance", 8, []string{"Accountant", "Payments clerk", "Controller", "Treasury analyst"}},
	{"Engineering", 22, []string{"Engineer", "Firmware engineer", "Test engineer", "Team lead"}},
	{"Sales", 16, []string{"Account manager", "Sales engineer", "Regional lead"}},
	{"Human Resources", 4, []string{"Recruiter", "HR partner"}},
	{"IT", 7, []string{"System administrator", "Service desk agent", "Network engineer", "Cloud engineer"}},
	{"Legal", 3, []string{"Counsel", "Contract manager"}},
	{"Production", 16, []string{"Line planner", "Shift lead", "Quality inspector"}},
	{"Support", 11, []string{"Support agent", "Field technician"}},
	{"Marketing", 5, []string{"Campaign manager", "Designer"}},
	{"Research", 6, []string{"Scientist", "Data scientist"}},
	{"Executive", 2, []string{"Chief financial officer", "Managing director", "Executive assistant"}},
}
