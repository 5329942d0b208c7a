/**
 * Invented people: first and last names by language. Where a family name changes with gender (Czech, Polish,
 * Greek, Icelandic, ...), only names that stay the same are listed, so that every combination is possible.
 */
const NAME_TABLE = `
english | Grace, Owen, Caleb, Hannah, Marcus, Tessa, Dominic, Imogen, Wesley, Priscilla, Theo, Mary-Jane, Harriet, Elliot, Joanna, Desmond, Clementine, Rufus, Bethany, Alistair | Whitfield, Carrow, O'Dell, Hensley, Marchbank, Prewitt, Stroud, Ellery, St. John, Barrowcliff, Quimby, Langdon-Reyes, Fairweather, Oakes, McAllister, Thistlewood, Pemberton, Kerr, Gallow, Winslade
irish | Aoife, Cian, Sinéad, Pádraig, Niamh, Ruairí, Órla, Eoghan | O'Shaughnessy, McGarrigle, D'Arcy, Kinsella, O'Hanlon, Tiernan, MacAuley
french | Hélène, Benoît, Margaux, Loïc, Anaïs, Jean-Baptiste, Chloé, Étienne, Noémie, Gaëlle | Lefèvre, Garçon, d'Aubigny, Prévost, Château, Beaulieu, L'Hermitte, Rocher, Vasseur, Le Goff
german | Jürgen, Katharina, Björn, Annegret, Lukas, Friederike, Matthias, Käthe, Anna Lena, Götz | Weißhaupt, Schröder, Kühnel, von Bergen, Möllendorf, Süßmilch, Brandstätter, Zöllner, Vogt, Hauenstein
dutch | Sanne, Joost, Femke, Bram, Marijke, Thijs, Noor, Wouter | van der Meulen, de Wit, Hoekstra, 't Hart, ten Brink, van den Akker, Zijlstra, Kuipers
nordic | Åsa, Mikkel, Ingrid, Søren, Linnéa, Bjørn, Maja, Øyvind, Eva-Lena, Håkon | Åkerlund, Sørensen, Lindqvist, Bjørnstad, Hedström, Ødegård, Nygaard, Kvist, Dahlbäck, Frøland
icelandic | Guðrún, Þórður, Sigríður, Ævar, Katrín, Hörður | Blöndal, Thorarensen, Hafstein, Möller
finnish | Päivi, Väinö, Aino, Jukka, Outi, Eero | Hämäläinen, Kärkkäinen, Niemelä, Rautio, Yli-Lassila, Mäkinen
spanish | Lucía, Joaquín, Inés, Andrés, Begoña, Íñigo, María José, Raúl, Ximena, Tomás | Peñalosa, Ibáñez, Quiñones, de la Vega, Muñiz, Etxeberria, Zúñiga, Arroyo Lastra, Cárdenas, Bermúdez
portuguese | João, Conceição, Tiago, Beatriz, Lourenço, Inês, Davi, Iara | Magalhães, Guimarães, dos Anjos, Calçada, Brandão, Falcão, Vieira, Assunção
italian | Chiara, Niccolò, Ilaria, Lorenzo, Fiammetta, Gianluca, Noemi, Cesare | Dell'Acqua, D'Amico, Bellacosta, Cantù, Sorrentino, Lo Presti, Marangoni, Forlì
polish | Małgorzata, Łukasz, Agnieszka, Paweł, Żaneta, Stanisław | Wójcik, Kaczmarek, Dąbek, Król, Pawlak, Żak, Mazur
czech | Jiří, Zdeňka, Ondřej, Šárka, Radek, Běla | Krejčí, Janů, Martinů, Petrů, Jirků
hungarian | Zsófia, Gergő, Ágnes, Bálint, Réka, Ödön | Szőke, Kőszegi, Vörös, Halász, Fülöp
romanian | Ștefan, Ioana, Răzvan, Mădălina, Lavinia | Bălan, Moraru, Ciobanu, Rădulescu, Țurcanu
greek | Eleni, Kostas, Despina, Thanasis, Ioanna | Kalogirou, Ioannou, Nikolaou, Theodorou, Papaioannou
ukrainian | Oksana, Taras, Solomiya, Bohdan, Yevheniia | Shevchenko, Kovalenko, Bondar, Tkachuk, Der'kach
turkish | Çağla, Ömer, Gülşen, Barış, İrem, Tuğçe | Yıldırım, Öztürk, Çetin, Güneş, Şahin, Aydoğan
arabic | Layla, Yusuf, Noor, Khalid, Amal, Tariq, Salma, Abd al-Rahman | Al-Fahim, Haddad, El Idrissi, Mansour, Al-Rashidi, Naqvi, Ben Ammar, Sabbagh
hebrew | Noa, Eitan, Shira, Ya'ara, Nadav | Ben-David, Peretz, Har-Even, Shalev, Mizrahi
westafrican | Chinwe, Adébáyọ̀, Ngozi, Kwabena, Folasade, Emeka, Akosua, Ọlámidé | Okonkwo, Adéyẹmí, Nwachukwu, Boateng, Ọbafẹ́mi, Owusu-Ansah, Eze, Mensah
eastafrican | Wanjirũ, Barasa, Achieng', Kiptoo, Makena, Selam | Ng'ang'a, Otieno, Wambugu, Cheruiyot, Tesfaye, Mwangi
southafrican | Thandiwe, Pieter, Nomvula, Sipho, Annelie, Lindiwe | Dlamini, van Wyk, Nkosi, Mthembu, du Preez, Naidoo
indian | Ananya, Rohan, Lakshmi, Vikram, Meenakshi, Arjun, Farhan, Kavya, Sai Teja, Gurpreet | Iyer, Deshpande, Chatterjee, Bhattacharya, Rao, D'Souza, Kulkarni, Gill, Venkataraman, Sheikh
southasian | Sushmita, Nuwan, Bishal, Ayesha, Tenzin, Tahmina, Imran, Dilini | Gurung, Wickramasinghe, Shrestha, Chaudhry, Rahman, Jayawardena, Qureshi, Khatun
japanese | Haruka, Kenji, Yūko, Shō, Naomi, Takumi, Ryōta, Emi | Tanaka, Ōshima, Kobayashi, Itō, Hasegawa, Nishimura, Kondō
korean | Ji-woo, Min-jun, Seo-yeon, Hyun-woo, Ha-eun | Kim, Park, Seo, Hwang, Namgung, Choi
chinese | Wei, Xiaolan, Jun, Lǚ, Mei-Ling, Zhihao, Yi-Chen, Ka-Yan | Chen, Ouyang, Lin, Huang, Lü, Cheung, Zhang, Wu
vietnamese | Thùy Dương, Minh, Ngọc, Đức, Hồng Hạnh | Nguyễn, Trần, Phạm, Đặng, Võ
thai | Somchai, Nattaya, Kittisak, Ploy | Srisawat, Phongphan, Wattanakul, Chaiyasit
malay | Siti Nurhaliza, Budi, Putri, Agus, Dewi, Farid | Wijaya, Santoso, Hartono, Kusuma, Nasution
filipino | Maricel, José Rizalino, Luzviminda, Paolo, Tala | Dela Cruz, Macaraeg, Santos-Uy, Batungbakal, Peñaflor
maori | Aroha, Tāne, Mere, Wiremu, Kahurangi | Ngata, Te Whāiti, Pōmare, Tāmihana, Parata
samoan | Sina, Tavita, Leilani, Fa'afetai | Tuimaleali'ifano, Leota, Fa'alogo, Su'a
`;

/** The languages of names in a country; the first is by far the most frequent. */
const LANGUAGES: Record<string, string> = {
  US: 'english spanish westafrican indian chinese arabic',
  CA: 'english french indian chinese',
  GB: 'english indian westafrican polish',
  AU: 'english chinese greek indian',
  NZ: 'maori english samoan',
  IE: 'irish polish',
  DE: 'german turkish polish',
  AT: 'german',
  CH: 'german french italian',
  FR: 'french arabic portuguese',
  BE: 'dutch french',
  NL: 'dutch turkish',
  MX: 'spanish',
  AR: 'spanish italian',
  CL: 'spanish',
  CO: 'spanish',
  PE: 'spanish japanese',
  ES: 'spanish',
  BR: 'portuguese japanese',
  PT: 'portuguese',
  IT: 'italian',
  SE: 'nordic finnish',
  NO: 'nordic',
  DK: 'nordic',
  FI: 'finnish',
  IS: 'icelandic',
  PL: 'polish',
  CZ: 'czech',
  HU: 'hungarian',
  RO: 'romanian',
  GR: 'greek',
  UA: 'ukrainian',
  TR: 'turkish',
  NG: 'westafrican',
  GH: 'westafrican',
  KE: 'eastafrican',
  ZA: 'southafrican indian',
  EG: 'arabic',
  MA: 'arabic french',
  AE: 'arabic indian',
  SA: 'arabic',
  IL: 'hebrew',
  IN: 'indian',
  NP: 'southasian',
  LK: 'southasian',
  PK: 'southasian',
  BD: 'southasian',
  JP: 'japanese',
  KR: 'korean',
  CN: 'chinese',
  TW: 'chinese',
  HK: 'chinese',
  SG: 'chinese malay indian',
  VN: 'vietnamese',
  TH: 'thai',
  ID: 'malay',
  PH: 'filipino',
  WS: 'samoan',
};

export type SampleNames = { first_names: string[]; last_names: string[] };

/** The names of each language in a country, the most frequent language first. */
export function sampleNames(country: string): SampleNames[] {
  return (LANGUAGES[country] ?? 'english').split(' ').map((language) => {
    const names = NAMES.get(language);
    if (!names) throw new Error(`no names for ${language}`);
    return names;
  });
}

const NAMES = new Map(NAME_TABLE.trim().split('\n').map(readNames));

function readNames(line: string): [string, SampleNames] {
  const [language = '', first = '', last = ''] = line.split('|').map((cell) => cell.trim());
  return [language, { first_names: first.split(', '), last_names: last.split(', ') }];
}
