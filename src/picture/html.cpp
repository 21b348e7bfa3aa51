#include "picture/html.hpp"

#include <cstddef>

#include "base/showable.hpp"

namespace picture {

namespace {

// Text is at least 4.5 times as bright or dark as what it stands on, in both schemes: a test measures it.
constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1b1b1b;--faint:#5c5c5c;--line:#b9b9b9;--paper:#fff;--card:#f5f5f3;--mark:#0b5fa5;--bad:#a3260f}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--faint:#b0b0b0;--line:#5a5a5a;--paper:#141414;--card:#202020;--mark:#7cc0ff;--bad:#ffab99}}
body{margin:0 auto;max-width:46rem;padding:.8rem;font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.35rem;margin:.3rem 0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}h3{font-size:.95rem;margin:.9rem 0 .2rem;font-weight:600;overflow-wrap:anywhere}
svg{display:block;width:100%;max-width:34rem;height:auto;margin:0 auto}
dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.5rem;margin:.6rem 0}
dl.facts div{background:var(--card);border-radius:.4rem;padding:.4rem .6rem}dt{font-size:.8rem;color:var(--faint)}dd{margin:0;font-size:1.15rem;overflow-wrap:anywhere}
pre{overflow-x:auto;background:var(--card);padding:.6rem;border-radius:.4rem;font-size:.8rem}
.verdict{border-left:.35rem solid var(--ink);padding:.2rem .7rem;background:var(--card);overflow-wrap:anywhere}.bad{border-left-style:double}
.key{font-size:.85rem;color:var(--faint)}code{overflow-wrap:anywhere}
.cards{list-style:none;margin:.5rem 0;padding:0}.cards li{background:var(--card);border-radius:.4rem;padding:.4rem .6rem;margin:.4rem 0;overflow-wrap:anywhere}
.cards p{margin:.1rem 0;font-size:.9rem}.cards .why{border-left:.25rem double var(--bad);padding-left:.5rem}
details{background:var(--card);border-radius:.4rem;padding:.4rem .6rem;margin:.5rem 0}summary{overflow-wrap:anywhere;cursor:pointer}
ol.steps{font-size:.85rem;padding-left:1.4rem;margin:.4rem 0;overflow-wrap:anywhere}ol.steps time{color:var(--faint)}
text{font:11.5px system-ui,sans-serif;fill:var(--ink)}.small{font-size:10.5px}.faint{fill:var(--faint)}
.link,.life,.grid{stroke:var(--line);stroke-width:1}.unused{stroke-dasharray:2 3}.life{stroke-dasharray:4 3}
.axis{stroke:var(--faint);stroke-width:1}.calm{stroke:var(--faint);stroke-width:1;stroke-dasharray:1 2}
.tunnel{fill:none;stroke:var(--mark);stroke-width:1.8;opacity:.75}.old{stroke-dasharray:6 3}.unknown{stroke-dasharray:2 3}
.node{fill:var(--paper);stroke:var(--ink);stroke-width:1.8}.standby{stroke-dasharray:3 2}.hosts{fill:var(--ink)}
.core{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}
.arrow{stroke:var(--ink);stroke-width:1.5}.lost{stroke-dasharray:3 3}.carry{stroke-width:3;stroke:var(--mark)}.head{fill:var(--ink)}
.bar{fill:var(--mark);stroke:var(--ink);stroke-width:.8}.gone{fill:none;stroke-dasharray:3 2}.tick{stroke:var(--paper);stroke-width:2}.gone-tick{stroke:var(--ink);stroke-width:2}
.cross{stroke:var(--bad);stroke-width:2.2;fill:none}
.curve{fill:none;stroke:var(--mark);stroke-width:2}.dashed{stroke:var(--ink);stroke-dasharray:6 3}
.dotted{stroke:var(--ink);stroke-dasharray:1.5 3}.thin{stroke:var(--ink);stroke-width:1}
)";

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t length = base::showable_at(text, at);
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else if (c == '\'') {
      safe += "&#39;";
    } else if (c == '"') {
      safe += "&quot;";
    } else if (c == '\n' || length == 1) {
      safe += c;
    } else if (length == 0) {
      safe += "\xef\xbf\xbd";
    } else {
      safe += text.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return safe;
}

std::string page(std::string_view title, const std::string& body) {
  return "<!doctype html>\n"
         "<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline';img-src "
         "data:\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\"><link rel=\"icon\" href=\"data:,\">\n"
         "<title>" +
         escaped(title) + "</title><style>" + kStyle + "</style></head><body><main>\n" + body +
         "</main></body></html>\n";
}

std::string fact(std::string_view name, std::string_view value) {
  return "<div><dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd></div>";
}

}  // namespace picture
