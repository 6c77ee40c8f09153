//! The binary: arguments, environment and clock are read here and handed on.

use afterword::cli::Cli;
use clap::Parser;
use kit::clock::SystemClock;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let environment: Vec<(String, String)> = std::env::vars().collect();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("afterword: the runtime does not start: {error}");
            return ExitCode::from(70);
        }
    };
    match runtime.block_on(cli.run(environment, Arc::new(SystemClock))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("afterword: {error:#}");
            ExitCode::from(afterword::cli::exit_code(&error))
        }
    }
}
