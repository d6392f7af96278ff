/** All profiles: one line a file, in the order of the alphabet. */
export { alaxala } from "./alaxala.ts";
export { alcatelOmniswitch } from "./alcatel-omniswitch.ts";
export { alliedTelesis } from "./allied-telesis.ts";
export { apc, apcEasyPdu, apcEnvironment, apcMgeGalaxy, apcNetbotz, apcSwitchedPdu } from "./apc.ts";
export { apresia } from "./apresia.ts";
export { aristaEos } from "./arista-eos.ts";
export { barracudaAppliance, barracudaCloudgen } from "./barracuda.ts";
export { bdcom, pbn } from "./bdcom.ts";
export {
  arris,
  arrisC4,
  avm,
  casa,
  docsisModem,
  motorolaBroadband,
  speedtouch,
  thomson,
  topvision,
} from "./broadband-cpe.ts";
export {
  barix,
  christie,
  exterity,
  inovonics,
  necDisplay,
  openAccess,
  profline,
  protelevision,
  rohdeSchwarz,
  tait,
  teleste,
  teradici,
  tredess,
  vigintos,
  volius,
} from "./broadcast.ts";
export { brocadeFos, brocadeIronware, brocadeNos } from "./brocade.ts";
export { bsdFirewall, opnsense, pfsense } from "./bsd-firewalls.ts";
export {
  cambiumCanopy,
  cambiumCmm,
  cambiumCnmatrix,
  cambiumCnpilot,
  cambiumCnpilotR,
  cambiumCnwave,
  cambiumEpmp,
  cambiumPtp,
} from "./cambium.ts";
export { axis, axisByDescription, dahua, hikvision, illustra, mobotix, twoN, vivotek } from "./cameras.ts";
export {
  advantechIcr,
  bintecElmeg,
  cradlepoint,
  digiTransport,
  firebrick,
  netmodule,
  oneaccess,
  peplink,
  robustel,
  sierraAleos,
  teldat,
  velocloud,
  viprinet,
  viprinetByDescription,
} from "./cellular-routers.ts";
export { checkPoint, checkPointKernel, checkPointLinux } from "./check-point.ts";
export {
  ciscoIronport,
  ciscoIse,
  ciscoMe1200,
  ciscoScientificAtlanta,
  ciscoServiceControl,
  ciscoTandberg,
  ciscoUnifiedCommunications,
  ciscoViptela,
  ciscoWaas,
} from "./cisco-appliances.ts";
export { ciscoAsa, ciscoFirepower, ciscoFirewallByDescription } from "./cisco-asa.ts";
export { ciscoCatos, ciscoIos, ciscoIosByDescription } from "./cisco-ios.ts";
export { ciscoIosXr } from "./cisco-ios-xr.ts";
export { ciscoMeraki, ciscoMerakiByDescription } from "./cisco-meraki.ts";
export { ciscoNxos } from "./cisco-nxos.ts";
export { ciscoCatalystSmart, ciscoSmallBusiness, ciscoSmallBusinessAccessPoint } from "./cisco-small-business.ts";
export { ciscoImc } from "./cisco-ucs.ts";
export { ciscoAirespace, ciscoWlc } from "./cisco-wlc.ts";
export { citrixNetscaler } from "./citrix-netscaler.ts";
export { adder, aten, avocent, cyclades, digi, lantronix, opengear } from "./consoles-and-kvm.ts";
export { cumulus, cumulusKernel } from "./cumulus.ts";
export { dcn, qtech, snrSwitch } from "./dcn.ts";
export { dellForce10, dellOs10, dellPowerconnect } from "./dell-networking.ts";
export {
  dellIdrac,
  dellLaser,
  dellLaserByDescription,
  dellRackPdu,
  dellRemoteConsole,
  dellUps,
} from "./dell-servers.ts";
export {
  dataDomain,
  dellCompellent,
  dellEquallogic,
  dellPowervault,
  dellPowervaultMe,
  emcClariion,
  isilonByDescription,
  isilonOnefs,
} from "./dell-storage.ts";
export { dlink } from "./dlink.ts";
export { draytek, draytekByDescription } from "./draytek.ts";
export { eatonEpdu, eatonMgePdu, eatonMgeUps, eatonXups, pulizzi } from "./eaton.ts";
export { edgeCore, smc } from "./edge-core.ts";
export {
  akcp,
  asentria,
  avtech,
  carel,
  carelPcoweb,
  comet,
  controlbyweb,
  dantel,
  dpsTelecom,
  geist,
  hwGroup,
  innovaphone,
  itWatchdogs,
  jacarta,
  kentix,
  netping,
  nti,
  papouch,
  papouchByDescription,
  rittal,
  sensatronics,
  serversCheck,
  snrErd,
  stulz,
  teracom,
  wut,
} from "./environment-monitors.ts";
export {
  aerohive,
  enterasys,
  extremeExos,
  extremeFabricEngine,
  extremeSlx,
  extremeVoss,
  extremeware,
  nortelErs,
  symbolWing,
} from "./extreme.ts";
export { f5BigIp, f5Os } from "./f5.ts";
export {
  abbUps,
  asuswrtMerlin,
  endrun,
  esphome,
  infoblox,
  openwrt,
  orvaldi,
  primekey,
  procera,
  qnap,
  qnapByDescription,
  qnapLinux,
  quantastor,
  socomecNetvisionLinux,
  supermicroBmcLinux,
  synology,
  tomato,
  truenas,
  truenasByDescription,
} from "./firmware-on-linux.ts";
export { forcepointFlexedge, forcepointNgfw } from "./forcepoint.ts";
export {
  fortinet,
  fortinetFortiadc,
  fortinetFortiap,
  fortinetFortiauthenticator,
  fortinetFortiextender,
  fortinetFortigate,
  fortinetFortimail,
  fortinetFortimanager,
  fortinetFortisandbox,
  fortinetFortiswitch,
  fortinetFortiweb,
} from "./fortinet.ts";
export { fsBdcom, fsOptical, fsSwitch } from "./fs-com.ts";
export { arubaClearpass, arubaInstant, arubaOs, arubaOsCx } from "./hpe-aruba.ts";
export { h3cComware, hpeComware, huawei3com } from "./hpe-comware.ts";
export { hpeProcurve } from "./hpe-procurve.ts";
export { hpeBladesystem, hpeIlo, hpeJetdirect, hpeMsa, hpeMsl, hpePdu, hpeVirtualConnect } from "./hpe-servers.ts";
export {
  huaweiIbmc,
  huaweiOptix,
  huaweiSmartax,
  huaweiSmu,
  huaweiSmuLinux,
  huaweiVrp,
  huaweiVrpByDescription,
} from "./huawei-vrp.ts";
export {
  advantechEki,
  bitstream,
  bntByDescription,
  broadcomFastpath,
  ctcUnion,
  cts,
  etherwan,
  fujitsuSwitch,
  hirschmann,
  ibmNos,
  ifotec,
  kti,
  kyland,
  moxa,
  moxaEtherdevice,
  netonix,
  nTron,
  perle,
  perleByDescription,
  phoenixContact,
  planet,
  quanta,
  ruggedcom,
  siemensScalance,
  supermicroSwitch,
  tailyn,
  threeCom,
  trendnet,
  waystream,
  westermo,
} from "./industrial-switches.ts";
export { ivantiPulse, juniperJunos, juniperJunose, juniperScreenos, juniperTrapeze } from "./juniper-junos.ts";
export { lancomLcos, lancomLcosSx } from "./lancom.ts";
export { a10, arrayNetworks, haproxyAloha, kempLoadmaster, radwareAlteon } from "./load-balancers.ts";
export { mellanox } from "./mellanox.ts";
export { mikrotikRouteros, mikrotikSwos } from "./mikrotik.ts";
export {
  airspan,
  aprisa,
  cambridgeBroadband,
  deliberant,
  fujitsuPrimergy,
  furukawa,
  ignitenet,
  infinet,
  intelbras,
  iskratel,
  keenetic,
  lenovoCnos,
  maipu,
  nexans,
  parks,
  radware,
  telcoSystems,
  vubiq,
  yamaha,
} from "./more-network.ts";
export {
  apcon,
  biamp,
  bosch,
  cetPower,
  crestron,
  enatel,
  extrahop,
  extron,
  hanwha,
  janitza,
  media5,
  powercom,
  qsc,
  securepoint,
  tdkLambda,
  vutlan,
} from "./more-power-and-sites.ts";
export {
  asrockRack,
  cohesity,
  ddn,
  dotHill,
  ibmDsStorage,
  ibmStorwize,
  inspurBmc,
  netbsd,
  nexsan,
  openbsd,
  panasas,
  promise,
  proware,
  rubrik,
  stratus,
  thecus,
  tintri,
  xfusionIbmc,
} from "./more-servers-and-storage.ts";
export { netgear, netgearByDescription, netgearReadynas } from "./netgear.ts";
export { alcatelOmnipcx, nokia1830, nokiaIsam, nokiaSrlinux, nokiaSros, nokiaWavence } from "./nokia.ts";
export { ocnos } from "./ocnos.ts";
export {
  aix,
  aixNetSnmp,
  bsd,
  hpUx,
  ibmDpi,
  ibmI,
  linux,
  macos,
  nutanix,
  nutanixLinux,
  proxmox,
  solaris,
  vmwareEsxi,
  windows,
  xenserver,
} from "./operating-systems.ts";
export {
  accedian,
  accedianByDescription,
  adva,
  advaXg300,
  alpineOptoelectronics,
  ciena,
  cienaSaos,
  cubeOptics,
  ekinops,
  fibrolan,
  gigamon,
  infinera,
  microsens,
  mrv,
  omnitron,
  packetlight,
  pandacom,
  rad,
  smartoptics,
  smartopticsT,
  transitionNetworks,
  transmode,
} from "./optical.ts";
export { paloAlto } from "./palo-alto.ts";
export {
  bachmann,
  baytech,
  bladeshelter,
  cleverPdu,
  dataprobe,
  digipower,
  digitalLoggers,
  enlogic,
  gude,
  ingrasysIpoman,
  netio,
  nventSchroff,
  panduit,
  raritan,
  raritanPx2,
  riedo,
  schleifenbauer,
  serverTechnologySentry3,
  serverTechnologySentry4,
  sineticaEagle,
  wti,
} from "./pdus.ts";
export {
  adtran,
  calix,
  cData,
  dasan,
  dktComega,
  eltex,
  fiberhome,
  genexis,
  gwTechnologies,
  icotera,
  paradyne,
  ubiquoss,
  vSol,
  zhone,
} from "./pon-and-access.ts";
export {
  brother,
  canon,
  epson,
  konicaMinolta,
  kyocera,
  lexmark,
  oki,
  printServer,
  ricoh,
  samsungPrinter,
  samsungPrinterByDescription,
  sharp,
  sharpByDescription,
  toshibaPrinter,
  xerox,
  zebraPrinter,
} from "./printers.ts";
export { raisecom } from "./raisecom.ts";
export { ruckusAccessPoint, ruckusController, ruckusZonedirector } from "./ruckus.ts";
export { ruijie } from "./ruijie.ts";
export {
  arbor,
  benu,
  blueCoat,
  bluecat,
  clavister,
  corero,
  cxr,
  efficientip,
  endace,
  endian,
  exinda,
  halon,
  hatteras,
  hillstone,
  ixiaAnue,
  juniperWx,
  mcafee,
  netentsec,
  nsfocus,
  openSystems,
  packetshaper,
  riverbed,
  sangfor,
  silverPeak,
  topsec,
  trendMicroTippingpoint,
  tycon,
  ucopia,
  velocloudVmware,
  venustech,
} from "./security-appliances.ts";
export {
  bdt,
  fujitsuIrmc,
  ibmBladecenter,
  ibmImm,
  ibmTapeLibrary,
  lenovoXcc,
  oracleIlom,
  overland,
  quantum,
  supermicroBmc,
} from "./servers.ts";
export { sonic } from "./sonic.ts";
export { sonicwall } from "./sonicwall.ts";
export { sophosCyberoam, sophosUtm, sophosXg } from "./sophos.ts";
export {
  areca,
  asustor,
  exagrid,
  fujitsuCelvin,
  fujitsuEternus,
  hitachiNas,
  infortrend,
  lenovoEmc,
  netapp,
  nimble,
  pureStorage,
  qsan,
  seagateExos,
  tegile,
} from "./storage.ts";
export { stormshield, stormshieldByDescription } from "./stormshield.ts";
export { teltonika, teltonikaKernel, teltonikaLinux, teltonikaSwitch } from "./teltonika.ts";
export { meinberg, spectracom, symmetricom } from "./time-servers.ts";
export { tpLinkJetstream, tpLinkRouter } from "./tp-link.ts";
export {
  ubiquitiAiros,
  ubiquitiAirosLinux,
  ubiquitiEdgeos,
  ubiquitiEdgeswitch,
  ubiquitiUfiberOlt,
  ubiquitiUnifi,
} from "./ubiquiti.ts";
export {
  ablerex,
  alphaCompas,
  alphaCxc,
  chloride,
  cyberpower,
  delta,
  eltek,
  gamatronic,
  generex,
  geUps,
  ictPower,
  imco,
  istars,
  legrand,
  liebert,
  majorpower,
  netsure,
  packetflux,
  phoenixtec,
  riello,
  salicru,
  samlex,
  socomec,
  trippLite,
  upsMib,
  vertiv,
} from "./ups-makers.ts";
export {
  acmePacket,
  ascom,
  audiocodes,
  avaya,
  avayaIpOffice,
  broadsoft,
  ericssonLg,
  grandstream,
  lifesize,
  mitel,
  nec,
  panasonic,
  patton,
  polycom,
  sangoma,
  scopia,
  snom,
  sonus,
  unify,
  yealink,
} from "./voice.ts";
export { vyatta, vyos } from "./vyatta.ts";
export { watchguard } from "./watchguard.ts";
export {
  albentia,
  altaLabs,
  aviat,
  baicells,
  bridgewave,
  ceragon,
  dragonwave,
  engenius,
  engeniusByDescription,
  engeniusSwitch,
  ericssonIpos,
  ericssonMiniLink,
  exalt,
  lastMileGear,
  ligowave,
  meru,
  mimosa,
  proxim,
  racomRay2,
  racomRay3,
  radwin,
  saf,
  siae,
  siklu,
  tachyon,
  telradAlvarion,
  trango,
  trangoByDescription,
  xirrus,
} from "./wireless-makers.ts";
export { zte } from "./zte.ts";
export { zyxel, zyxelFlex, zyxelIes, zyxelSwitch } from "./zyxel.ts";
