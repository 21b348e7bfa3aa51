#include "control/error.hpp"

namespace control {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTooLong: return "too-long";
    case ErrorCode::kNotJson: return "not-json";
    case ErrorCode::kTooDeep: return "too-deep";
    case ErrorCode::kMissing: return "missing";
    case ErrorCode::kWrongType: return "wrong-type";
    case ErrorCode::kBadValue: return "bad-value";
    case ErrorCode::kUnknownCommand: return "unknown-command";
    case ErrorCode::kUnknownArgument: return "unknown-argument";
  }
  return "unknown";
}

namespace {

std::string message(const Error& error) {
  const std::string where = "\"" + error.where + "\"";
  switch (error.code) {
    case ErrorCode::kTooLong: return "the line is too long";
    case ErrorCode::kNotJson: return "the line is no JSON";
    case ErrorCode::kTooDeep: return "the JSON is nested too deep";
    case ErrorCode::kMissing: return where + " is missing";
    case ErrorCode::kWrongType: return where + " is of the wrong kind";
    case ErrorCode::kBadValue: return where + " has a value that cannot be";
    case ErrorCode::kUnknownCommand: return "there is no command " + where;
    case ErrorCode::kUnknownArgument: return "the command takes no " + where;
  }
  return "the line cannot be understood";
}

}  // namespace

base::TextError describe(const Error& error) {
  return {message(error), error.hint};
}

}  // namespace control
