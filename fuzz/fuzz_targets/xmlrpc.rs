//! Any bytes are a call, an answer, or an error; and what was read is written so that it reads the
//! same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use supervisor::xmlrpc::{decode, encode};

fuzz_target!(|bytes: &[u8]| {
    let _ = decode::response(bytes);
    let Ok(call) = decode::request(bytes) else {
        return;
    };
    let text = encode::call(&call.method, &call.params);
    let again = decode::request(text.as_bytes()).expect("what is written can be read");
    assert_eq!(encode::call(&again.method, &again.params), text);
});
