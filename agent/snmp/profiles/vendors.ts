/**
 * Makers by enterprise number: the first arc of a sysObjectID below 1.3.6.1.4.1 (IANA, Private Enterprise Numbers), under
 * the name that they trade by today, and what most of their SNMP devices are: the type where nothing better is known.
 */
import type { DeviceType } from "./profile.ts";

export type Maker = { readonly name: string; readonly type: DeviceType };

/** Number, type, name. Numbers of a company that was bought go by the buyer where the devices do. */
const registry = `
2 server IBM
9 network Cisco
11 network HPE
23 server Novell
26 wireless Hughes
33 optical MRV
34 server Cray
35 network Nortel
36 server Digital
42 server Oracle
43 network 3Com
45 network Nortel
52 switch Enterasys
59 server Silicon Graphics
63 server Apple
79 server Fujitsu
81 switch Extreme
89 load-balancer Radware
94 network Nokia
106 storage EMC
108 fc-switch Emulex
110 appliance NetScout
111 server Oracle
113 wireless Hughes
116 storage Hitachi
117 router Telebit
119 network NEC
122 camera Sony
141 appliance NetScout
161 wireless Motorola
164 network RAD
171 switch D-Link
177 sbc Sonus
181 network ADC
183 media-converter Versitron
186 printer Toshiba
188 phone Ascom
189 server Fujitsu
193 network Ericsson
207 switch Allied Telesis
208 server Cray
211 server Fujitsu
216 collaboration Tandberg
231 server Fujitsu
232 server HPE
236 printer Samsung
244 console-server Lantronix
246 switch Furukawa
248 switch Hirschmann
251 router NetComm
253 printer Xerox
258 camera Matsushita
259 switch Edge-core
266 switch Nexans
272 router bintec elmeg
277 network Cascade
278 switch Apresia
289 fc-switch Brocade
297 printer Xerox
298 switch Asante
303 wireless Hughes
311 server Microsoft
318 ups APC
321 network Verilink
332 network Digi
339 network Siemens
343 server Intel
345 printer Epson
347 storage Seagate
367 printer Ricoh
368 camera Axis
370 network 3Com
388 wireless Symbol
393 security Symantec
396 network Telco Systems
399 storage Hitachi
429 network UTStarcom
448 network Ericsson
458 server Stratus
476 ups Vertiv
494 network Madge
495 network Memotec
504 network Ericsson
526 video Avid
529 router Ascend
534 ups Eaton
539 network Westell
553 switch GarrettCom
564 network Telco Systems
572 network Ericsson-LG
574 ups Oneac
629 network MRV
637 network Nokia
641 printer Lexmark
664 network Adtran
666 printer OKI
674 server Dell
684 ups Sola
705 ups Eaton
727 network Memotec
738 network Telco Systems
760 optical Pandacom
766 network Ericsson
776 router Telindus
789 storage NetApp
795 storage Adaptec
800 switch Alcatel-Lucent
818 ups GE
841 router Netopia
850 ups Tripp Lite
851 router NetComm
868 media-converter Transition
871 ups Fiskars
872 router AVM
885 power Emerson
890 switch Zyxel
903 collaboration Radvision
908 power ABB
926 power Alpha
935 ups Powerwalker
959 ups Sola
964 network Carrier Access
994 environment Dantel
995 modem Multitech
1012 network Marconi
1027 pbx Mitel
1038 router Sagemcom
1065 printer Canon
1129 printer Toshiba
1139 storage EMC
1166 network Motorola
1182 router Yamaha
1230 security McAfee
1248 printer Epson
1254 network Siemens
1271 network Ciena
1272 server Fujitsu
1286 optical ECI
1301 wireless Telrad
1302 server Veritas
1314 switch Datacom
1332 network Iskratel
1347 printer Kyocera
1356 ups Generex
1364 ups Chloride
1369 firewall Forcepoint
1372 storage LSI
1397 network Tellabs
1411 switch Juniper
1418 pdu Dataprobe
1425 network CXR
1429 video Cisco
1457 firewall CyberGuard
1472 printer Sharp
1510 modem Arris
1544 video Harmonic
1547 ups Netvision
1556 sbc Sonus
1563 video Harmonic
1573 security McAfee
1588 fc-switch Brocade
1602 printer Canon
1671 optical ADVA
1714 storage Infortrend
1718 pdu Server Technology
1724 network Westell
1731 network Ericsson
1732 audio Open Access
1751 network Lucent
1768 voip-gateway Patton
1773 video Tandberg
1795 modem Paradyne
1805 router Sagemcom
1815 video Verint
1839 server Fujitsu
1857 tape-library Overland
1872 load-balancer Alteon
1887 network Siemens
1890 switch Red Lion
1894 network Siemens
1909 pdu Infratec
1916 switch Extreme
1949 network UTStarcom
1963 printer Intermec
1966 console-server Perle
1981 storage EMC
1991 switch Brocade
2001 printer OKI
2007 router Teldat
2011 network Huawei
2012 pdu Nvent
2014 network ADC
2021 server Net-SNMP
2036 tape-library Quantum
2076 network Eltex
2101 camera Hanwha
2127 sbc Sonus
2165 sbc Acme Packet
2185 ups IMCO
2206 network Siemens
2225 network Broadcom
2238 server FreeBSD
2254 power Delta
2258 modem Thomson
2272 switch Extreme
2281 radio Ceragon
2312 server Red Hat
2323 network Alcatel
2334 wan-optimizer Packeteer
2338 pbx Vertical
2352 router Ericsson
2356 router Lancom
2364 printer Konica Minolta
2378 radio Nera
2385 printer Sharp
2427 fc-switch Brocade
2435 printer Brother
2440 dns Efficient IP
2449 optical Pandacom
2467 load-balancer Cisco
2478 server Fujitsu
2509 radio Aviat
2523 modem Hitron
2544 network ADVA
2545 wireless Newtec
2566 broadcast Rohde & Schwarz
2586 environment Teracom
2603 appliance Allot
2604 firewall Sophos
2606 environment Rittal
2620 firewall Check Point
2634 power WTI
2636 network Juniper
2679 switch Nexans
2682 environment Dps Telecom
2717 network Alcatel
2736 switch EtherWAN
2750 cmts Vecima
2763 switch Intellinet
2863 modem Thomson
2865 network Nortel
2879 sbc AudioCodes
2910 ups GE
2925 console-server Cyclades
2935 tape-library Quantum
2947 ups Best Power
2957 network Ericsson
3028 voip-gateway Dialogic
3052 environment Asentria
3054 network Ixia
3058 wireless Proxim
3073 tape-library Tandberg Data
3076 firewall Cisco
3097 firewall WatchGuard
3136 router Comtrend
3159 hsm Utimaco
3181 switch Microsens
3212 audio Crestron
3215 appliance Network Instruments
3224 firewall Juniper
3225 optical Sycamore
3278 modem Paradyne
3309 router Nomadix
3320 switch BDCOM
3323 radio Microwave Networks
3347 storage Hitachi
3351 tape-library Overland
3370 radio Trango
3373 radio SIAE
3375 load-balancer F5
3401 security McAfee
3417 proxy Blue Coat
3432 optical Tellium
3478 tape-library Spectra Logic
3495 proxy Squid
3551 network Lucent
3570 radio Tait
3581 storage Seagate
3582 storage LSI
3593 network Alcatel
3607 optical Cisco
3652 optical Pandacom
3657 network Ericsson
3697 tape-library Quantum
3699 environment NTI
3709 switch Datacom
3711 pdu Panduit
3715 video Teleste
3729 network Nokia
3755 network Atop
3764 tape-library Quantum
3808 ups CyberPower
3822 network Edimax
3833 power Schneider
3845 server Citrix
3854 environment AKCP
3861 server Fujitsu
3873 fc-switch QLogic
3902 network ZTE
3941 ups Santak
3948 sbc Sonus
3955 switch Linksys
3977 network Broadband
3996 firewall OSAG
4052 router Vanguard
4096 hsm Thales
4111 network Westell
4115 modem Arris
4123 storage Hitachi
4125 network Siemens
4130 radio GE MDS
4196 network Siemens
4204 video Adtec
4289 encoder VBrick
4321 wan-optimizer Riverbed
4329 switch Siemens
4346 switch Phoenix Contact
4369 fc-switch Brocade
4388 network Alcatel
4390 load-balancer KEMP
4413 switch Broadcom
4458 radio Radwin
4466 video Harmonic
4467 network Fibrolan
4491 modem CableLabs
4496 network Siemens
4515 optical PacketLight
4526 switch Netgear
4547 storage ATTO
4555 ups Socomec
4641 network Tellabs
4686 voip-gateway Sangoma
4756 switch Ctcu
4769 server IBM
4779 pdu BayTech
4846 network Lucent
4857 network Cisco
4874 router Juniper
4881 switch Ruijie
4923 voip-gateway Audiocodes
4935 voip-gateway Media5
4943 server Novell
4947 video Grass Valley
4998 cmts Arris
5003 voip-gateway AudioCodes
5040 environment W&T
5066 ups Netvision
5089 firewall Clavister
5116 server IBM
5118 environment Dantel
5123 network Lucent
5173 sbc Sonus
5222 environment Dantel
5224 storage Hitachi
5257 storage Areca
5323 wireless Telrad
5324 power Delta
5329 pbx ShoreTel
5454 radio Trango
5468 network Actelis
5491 ups UPS Manufacturing
5502 printer Canon
5504 network Zhone
5528 environment APC
5567 switch Riverstone
5596 collaboration Tandberg
5597 time-server Meinberg
5624 switch Enterasys
5627 storage Hitachi
5651 router Maipu
5655 appliance Cisco
5665 pbx Vertical
5672 optical Ciena
5703 switch Nvidia
5766 server IBM
5771 optical Cisco
5833 switch Tailyn
5835 wireless Newtec
5842 network Cisco
5874 network Tellabs
5940 switch Red Lion
5949 server IBM
5951 load-balancer Citrix
6027 switch Dell
6036 audio Bose
6049 storage Hitachi
6050 ups Gamatronic
6066 network Occam
6080 radio BridgeWave
6101 security Trend Micro
6141 network Ciena
6202 storage Nimble
6213 wireless Redline
6247 radio Comtech
6296 network Dasan
6302 ups Vertiv
6307 switch Extreme
6321 network Calix
6339 switch Digital China
6352 optical Ciena
6368 network Pegasus
6411 tape-library Overland
6431 server BroadSoft
6437 broadcast Kathrein
6486 switch Alcatel-Lucent Enterprise
6527 router Nokia
6530 phone 2N
6574 storage Synology
6603 switch Bitstream
6618 sbc Sonus
6666 pbx Innovaphone
6782 optical Ciena
6785 power Delta
6827 video Evertz
6842 power Telect
6848 firewall Crossbeam
6876 hypervisor VMware
6889 pbx Avaya
6894 storage DDN
6904 server IBM
6905 fc-switch Brocade
7003 network Cisco
7031 security McAfee
7054 wan-optimizer Riverbed
7057 server SUSE
7064 network UTStarcom
7207 audio Denon
7239 ups Legrand
7244 switch Quanta
7247 storage Nexsan
7262 radio DragonWave
7309 power Alpha
7312 video Barco
7342 media-converter Omnitron
7367 router DrayTek
7387 printer Canon
7465 broadcast WISI
7483 optical Infinera
7501 optical Huber+Suhner
7520 radio Harris
7526 phone SNOM
7551 power Enatel
7571 radio SAF
7635 modem Thomson
7640 tape-library Quantum
7737 optical Internet Photonics
7745 router Aethra
7779 dns Infoblox
7783 ups Riello
7800 olt Ubiquoss
7933 storage Promise
8068 storage Buffalo
8072 server Net-SNMP
8083 appliance Packet Design
8104 server Sun
8239 wan-optimizer Juniper
8244 fc-switch Brocade
8248 optical Turin
8550 network Hatteras
8595 modem Hitron
8669 environment Teracom
8691 switch Moxa
8711 hsm Thales
8741 firewall SonicWall
8742 wireless Proxim
8744 access-point HPE
8886 network Raisecom
8942 audio AMX
9004 server SUSE
9044 network NEC
9070 time-server Symmetricom
9148 sbc Acme Packet
9227 olt Entrisphere
9260 video Adtec
9303 switch Waystream
9304 switch CTS
9344 wireless Powerwave
9514 printer Konica Minolta
9565 printer Xerox
9584 network Lucent
9586 server Debian
9646 ups Eaton
9666 network Alcatel
9694 security Arbor
9702 radio Comtech
9749 phone Spectralink
9762 switch Datacom
9789 firewall Sophos
9839 cooling Carel
9906 optical Xtera
9966 network Huahuan
9967 wireless-controller Bluesocket
10002 wireless Ubiquiti
10067 camera DVTel
10072 olt GWD
10297 switch Advantech
10301 wireless-controller Bluesocket
10307 olt Optical Solutions
10311 mail Kerio
10368 server Fujitsu
10381 power Trendpoint
10418 kvm Avocent
10428 switch Furukawa
10456 switch Planet
10482 network Nortel
10642 printer Zebra
10704 firewall Barracuda
10728 wireless Redline
10734 security TippingPoint
10741 pbx Vertical
10781 power Schneider
10822 video Adtec
10830 network Apcon
10876 server Supermicro
10969 hsm Thales
11058 storage Hitachi
11096 storage Hitachi
11157 modem Multitech
11160 power TDK-Lambda
11256 firewall Stormshield
11268 phone Aastra
11318 printer Xerox
11319 network Alcatel
11369 storage LenovoEMC
11373 ups Netvision
11408 optical FiberHome
11412 optical Huber+Suhner
11455 radio Aviat
11553 switch Planet
11606 network PBN
11610 network Sandvine
11793 server IBM
11857 optical Transmode
11863 switch TP-Link
11898 wireless Proxim
11946 switch Quanta
12028 wireless Airwave
12124 storage EMC
12140 radio ALCOMA
12148 power Eltek
12276 network F5
12325 server FreeBSD
12329 camera Panasonic
12356 firewall Fortinet
12394 wireless Alvarion
12419 router Yamaha
12532 firewall Ivanti
12551 power CE+T
12612 video Barco
12655 hsm Utimaco
12740 storage Dell
12756 power Delta
12780 switch Volktek
12827 video Barco
12913 network Procera
12925 storage HPE
13062 phone Ascom
13169 power Unipower
13191 router OneAccess
13228 wireless Redline
13248 ups GE
13315 dns BlueCat
13400 power Emerson
13565 network Lucent
13595 environment EMKA
13721 optical Corning
13742 pdu Raritan
13827 time-server EndRun
13858 power Eltek
13885 phone Polycom
13928 network TC Communications
14125 wireless EnGenius
14179 wireless-controller Cisco
14198 network Pannaway
14331 firewall Topsec
14399 network NEC
14444 router Redback
14468 network Marconi
14501 security Symantec
14525 wireless-controller Trapeze
14526 hsm SafeNet
14604 storage Commvault
14706 network sFlow
14817 radio Aprisa
14823 wireless-controller Aruba
14851 tape-library IBM
14870 network Avaya
14988 router MikroTik
15000 server Kontron
15004 switch RuggedCom
15227 firewall Venustech
15319 wireless Skypilot
15397 network Procera
15446 ups CyberPower
15497 mail Cisco
15821 server FreeBSD
15893 power Emerson
15983 wireless-controller Meru
16130 network NEC
16177 switch Westermo
16378 router Digi
16394 pdu nVent
16401 network HPE
16530 radio Exalt
16744 broadcast Blankom
16853 firewall Barracuda
16885 network Nortel
16961 sensor Vaisala
16972 router TP-Link
17095 environment ServersCheck
17163 wan-optimizer Riverbed
17268 power ABB
17373 environment Geist
17409 network Sumavision
17420 pdu Digipower
17439 camera Panasonic
17491 audio Barix
17518 wireless Comba
17662 network Lucent
17713 wireless Cambium
18026 audio Extron
18070 optical BTI
18135 network Nortel
18248 environment Papouch
18262 modem Technicolor
18334 printer Konica Minolta
18416 power Victron
18418 appliance Endace
18468 wireless Hughes
18575 router Sagemcom
18583 hypervisor VMware
18642 power CCPower
18746 camera Matsushita
18928 storage Areca
19011 environment Jacarta
19046 bmc Lenovo
19139 router Edgewater
19244 hsm SafeNet
19379 security Imperva
19444 voip-gateway Metaswitch
19454 wireless Airspan
19460 optical Sycamore
19487 network Lucent
19536 pdu Panduit
19587 video Adtec
19595 network Alcatel
19718 wireless Motorola
19746 storage Data Domain
19771 server IBM
19849 security NSFOCUS
19935 network ALLNET
20008 printer Toshiba
20013 router Vanguard
20027 power TDK-Lambda
20044 optical Ekinops
20246 power Delta
20301 switch IBM
20306 server Kontron
20341 collaboration Lifesize
20345 router Edgewater
20349 wireless-controller Aruba
20442 printer Samsung
20459 printer OKI
20540 switch Red Lion
20542 router Sierra Wireless
20632 firewall Barracuda
20858 cmts Casa
20884 tape-library BDT
20885 server Kontron
20916 environment Avtech
20921 firewall Hillstone
20956 power Emerson
20974 bmc American Megatrends
20992 router Cradlepoint
21013 wireless Xirrus
21067 firewall Sophos
21091 wan-optimizer Exinda
21094 printer Ricoh
21111 ups Orvaldi
21222 network Profline
21239 environment Vertiv
21296 optical Infinera
21317 bmc Supermicro
21360 pdu Chatsworth
21362 switch iFotec
21437 kvm Aten
21671 appliance NetScout
21695 power Riedo
21696 network Keymile
21701 camera Mobotix
21796 environment HW group
21831 audio ClearOne
21839 switch AlaxalA
21940 power Enatel
22163 printer Ricoh
22252 security McAfee
22274 storage QSAN
22408 hsm PrimeKey
22420 network Accedian
22485 hsm SafeNet
22600 radio Harris
22610 load-balancer A10
22626 sensor Comet
22736 pbx Digium
22816 server Rackable
22894 power Unipower
23056 audio Riedel
23128 security McAfee
23172 wireless Teletronics
23180 broadcast TRedess
23263 load-balancer HAProxy
23304 radio Codan
23330 network Commscope
23403 printer Sharp
23465 camera Vivotek
23629 hsm SafeNet
23668 security Kaspersky
23695 router Peplink
23867 wan-optimizer Silver Peak
23902 power ABB
24063 router NetComm
24071 phone Zenitel
24230 video Verint
24427 load-balancer Coyote Point
24496 power WTI
24623 printer Samsung
24628 network CXR
24681 storage QNAP
24686 switch Teltonika
24693 firewall FireBrick
24941 environment EMKA
25049 console-server Opengear
25053 access-point Ruckus
25071 workstation Teradici
25110 router Vanguard
25119 kvm Adder
25148 storage Pivot3
25167 router Genexis
25255 server BroadSoft
25278 printer Canon
25358 optical Huber+Suhner
25433 encoder Haivision
25461 firewall Palo Alto Networks
25506 switch H3C
25557 printer Xerox
25558 dns Infoblox
25597 security FireEye
25651 radio Exalt
25728 environment NetPing
25761 power ABB
25766 video Christie
25868 wireless Last Mile Gear
25892 wireless Teletronics
26067 switch Kyland
26122 phone Zenitel
26138 switch Intelbras
26212 video Harmonic
26272 ups Salicru
26484 network Sub10
26543 switch Blade Network Technologies
26556 switch Ethernet Direct
26592 optical Huber+Suhner
26854 power Alpha
26866 network Gigamon
26911 security Trend Micro
26928 access-point Aerohive
27282 switch Ubiquiti
27286 router Netopia
27304 router DKT
27317 switch Extreme
27338 encoder Ateme
27378 switch Belden
27427 cmts Vecima
27514 switch QTECH
27527 power ABB
27533 power BKE
27614 wireless Ascom
27615 network Devolo
27662 router Peplink
27822 radio Comtech
27837 switch Handreamnet
27894 optical Huber+Suhner
27993 broadcast Vigintos
28034 network Belkin
28087 wireless Albentia
28097 network ACKSYS
28194 encoder Exterity
28381 switch N-Tron
28458 network Nokia
28507 pdu Gude
28533 optical Ciena
28557 firewall Hillstone
28683 printer Xerox
28866 switch TRENDnet
29003 optical Fibernet
29013 router Teldat
29462 cooling Stulz
29671 network Meraki
29714 printer Kyocera
29741 wireless-controller Aruba
29789 switch Red Lion
29865 router Icotera
30065 switch Arista
30140 router Advantech
30155 firewall OpenBSD
30205 broadcast Rohde & Schwarz
30229 server Debian
30260 phone Zenitel
30403 firewall Secure Computing
30507 switch Extreme
30512 audio Ateis
30586 environment Controlbyweb
30619 printer Toshiba
30650 ups Minuteman
30758 radio Comtech
30803 router Vyatta
30826 optical Smartoptics
30863 printer Samsung
30966 pdu FS
31034 pdu Schleifenbauer
31127 power Emerson
31218 network Ucopia
31322 router Sierra Wireless
31345 server Sun
31394 power Victron
31444 ups Makelsan
31496 router NetModule
31682 audio Audinate
31730 radio MiMOMax
31768 printer Sharp
31770 pdu Bachmann
31823 power SEL
31850 switch Belden
31926 radio Siklu
32050 power PacketFlux
32053 power 3Y Power
32192 router Vanguard
32229 network Nokia
32285 cmts Sumavision
32339 power SEL
32620 network Ixia
32651 wireless Newtec
32733 switch Phybridge
32750 wireless LigoWave
32761 wireless Deliberant
33024 server Lenovo
33049 switch Mellanox
33058 server Stratus
33062 ups Netvision
33234 mail Halon
33447 radio Comtech
33555 radio RAy
33872 power Alpha
34048 server Novell
34065 printer Ricoh
34086 router Talari
34097 pdu Racktivity
34278 power Janitza
34326 network Nokia
34652 video Volius
34674 camera FLIR
34774 network Huawei
35047 security Sangfor
35098 switch Pica8
35154 ups Powershield
35265 network Eltex
35308 pdu NETIO
35365 pdu Schroff
35424 router Viprinet
35696 appliance NetScout
35822 camera Panasonic
35847 security Greenbone
35987 voip-gateway Sangoma
36013 power SMA
36141 olt Ubiquoss
36289 router AVM
36673 switch IP Infusion
36849 camera Hanwha
36859 network Ixia
36955 ups Elsist
37069 wireless Broadband Antenna Tracking Systems
37072 switch Lantech
37212 router Yamaha
37220 network cPacket
37447 storage Nimble
37459 phone Yealink
37496 nvr Dahua
37533 power Delta
37551 sensor IFM
37560 appliance NetScout
37662 ups Ablerex
37940 camera WRD
37954 environment Kentix
38067 server Cray
38113 switch Red Lion
38124 video Harmonic
38160 storage Datto
38243 storage Thecus
38446 pdu Enlogic
38516 pbx Allworx
38676 pdu PDU eXpert
38783 environment Teracom
38814 sensor IFM
38940 hsm Thales
39003 radio Sub10
39052 environment Vutlan
39056 printer Samsung
39145 power ICT
39165 camera Hikvision
39198 pbx Brekeke
39324 storage QuantaStor
39374 power TDK-Lambda
39406 network Benu
39699 router Robustel
39747 camera Uniview
39807 router Edgewater
40045 storage Nexenta
40288 power Delta
40297 radio Hytera
40310 switch Cumulus
40418 environment SNR
40482 storage Pure Storage
40614 ups iStars
40661 wireless Airwave
40748 encoder IONODES
40758 power Eltek
40842 load-balancer A10
40865 power Majorpower
40989 optical FS
41036 security Corero
41112 network Ubiquiti
41263 hypervisor Nutanix
41456 storage Tintri
41482 network Yubico
41738 phone Algo
41916 router Cisco
42010 switch Luxul
42040 storage Nasuni
42111 broadcast Inovonics
42229 optical Coriant
42359 router Versa
42376 wan-optimizer Riverbed
42397 phone Grandstream
42518 console-server ZPE
42610 pdu BladeShelter
42814 environment Inveo
42836 switch Extreme
43194 power ABB
43356 radio Mimosa
43419 server Microsoft
43422 video Adtec
43522 power VoltServer
43649 pdu Raritan
43845 printer Toshiba
43906 storage Tegile
44028 switch Extreme
44194 switch EnGenius
44218 storage Buffalo
44227 firewall Pulse
44294 switch Quanta
44457 audio Biamp
44641 router VyOS
44738 storage ASUSTOR
44932 camera Panasonic
45080 mail Kerio
45091 network Cisco
45105 printer Samsung
45346 router VeloCloud
45383 printer Sharp
45621 power Tycon
45725 power ABB
45770 pdu Digital Loggers
45776 switch Belden
45953 phone Cyberdata
45986 audio Kramer
46008 radio Codan
46055 radio Hytera
46202 camera Avigilon
46242 switch Netonix
46262 proxy Zscaler
46366 modem Technicolor
46706 encoder Wowza
46894 camera Hanwha
46898 network HPE
46899 power TDK-Lambda
47196 switch Aruba
47275 switch Hirschmann
47421 storage Cohesity
47565 firewall Forcepoint
47774 server Microsoft
47952 pdu NETIO
48155 optical FiberHome
48170 network Avaya
48312 video Avid
48328 server Veritas
48338 power Orion
48402 printer Konica Minolta
48690 router Teltonika
49075 power Samlex
49136 power Algcom
49150 power Vertiv
49308 wireless Airwave
49744 wireless Hughes
49929 storage Rubrik
50001 nvr Hikvision
50111 printer Samsung
50138 ups Legrand
50172 sensor IFM
50332 wireless Motorola
50536 storage iXsystems
50598 cooling Stulz
50650 printer Xerox
50658 radio Aviat
50898 console-server Comtrol
50919 printer Konica Minolta
51055 power ABB
51628 optical Solid Optics
51814 optical Solid Optics
52117 server Lenovo
52156 audio Kramer
52326 optical AlpineOE
52328 modem Hitron
52474 security McAfee
52587 switch EdgeCore
52642 switch FS
52674 environment APC
53058 wireless Baicells
53204 printer Samsung
53296 wireless Motorola
53910 ups Eaton
53969 power Schneider
53973 ups ABB
54465 switch Extreme
54644 power Solaredge
54783 power Delta
54849 load-balancer Loadbalancer.org
54999 camera Uniview
55028 network Occam
55062 storage QNAP
55108 pdu Riedo
55863 switch ComNet
55872 optical ProLabs
55974 firewall Secure Computing
56105 power Alpha
56190 router Telindus
56838 network NEC
57050 network Commscope
57253 server Raspberry
57344 radio Tachyon
57501 camera Panasonic
57578 router Yamaha
57729 switch Foundry
58163 load-balancer KEMP
58198 optical FiberHome
58478 printer Toshiba
58597 radio Hytera
58924 video Barco
59322 server Kontron
59356 router Redback
59615 ups GE
59752 router Vanguard
59887 server Microsoft
60455 server Oracle
60733 camera Hanwha
60745 server Kontron
61025 video Avid
61047 proxy Zscaler
61120 load-balancer KEMP
61407 modem Multitech
61519 power TDK-Lambda
61678 power Fimer
61768 network Commscope
62065 network Commscope
62088 wireless Motorola
62217 switch Quanta
`;

const byNumber: ReadonlyMap<number, Maker> = new Map(
  registry
    .trim()
    .split("\n")
    .map((line) => {
      const [number = "", type = "", ...name] = line.split(" ");
      return [Number(number), { name: name.join(" "), type: type as DeviceType }];
    }),
);

/** Enterprise number of an OID below 1.3.6.1.4.1; undefined for others. */
export const enterpriseOf = (oid: string | undefined): number | undefined => {
  const match = /^1\.3\.6\.1\.4\.1\.(\d+)(\.|$)/.exec(oid ?? "");
  return match === null || match[1] === "0" ? undefined : Number(match[1]);
};

export const makerOf = (enterprise: number | undefined): Maker | undefined =>
  enterprise === undefined ? undefined : byNumber.get(enterprise);

const byName: ReadonlyMap<string, Maker> = new Map(
  [...byNumber.values()].map((maker) => [maker.name.toLowerCase(), maker]),
);

/** What most devices of a maker are, by its name as in this table. */
export const makerNamed = (name: string): Maker | undefined => byName.get(name.toLowerCase());

/** Names of makers that may open a sysDescr or stand in a manufacturer field, longest first. */
export const makerNames: readonly string[] = [...new Set([...byNumber.values()].map((maker) => maker.name))].sort(
  (a, b) => b.length - a.length,
);

/** What may stand in front of a model besides the maker's name: the name in one word, its old and short forms, its lines. */
export const makerWords: readonly string[] = [
  ...makerNames,
  ...makerNames.filter((name) => name.includes(" ")).map((name) => name.replaceAll(" ", "")),
  ..."HP,HPE,ProCurve,OfficeConnect,Hewlett-Packard,Hewlett Packard,Hewlett Packard Enterprise,Dell EMC,EMC,FUJI XEROX,Alcatel,Lucent,Nokia,Networks,Ltd.,Corp.,Corporation,Inc.,Technologies,Alta,RNX UPDU,Cisco Systems,Schneider Electric,American Power Conversion,JetStream,FortiNet,Brocade Communications Systems,Extreme Networks,Juniper Networks,Siemens Enterprise,Samsung Electronics,Huawei Technologies".split(
    ",",
  ),
].sort((a, b) => b.length - a.length);

/** Numbers of agents' and chips' makers: a sysObjectID below them says nothing of the device. */
export const agentEnterprises: ReadonlySet<number> = new Set([8072, 2021, 12325, 4413, 27282, 2238]);

/** Numbers whose objects a plain host may have: agents' own, and the server makers' management agents. */
export const hostEnterprises: ReadonlySet<number> = new Set([
  ...agentEnterprises,
  2,
  9,
  11,
  42,
  63,
  111,
  140,
  232,
  311,
  343,
  674,
  1588,
  3582,
  5703,
  6876,
  8024,
  10876,
  14697,
  15983,
  19046,
  38898,
  60652,
]);
