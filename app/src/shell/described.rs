//! Described operations as routes: as [`utoipa_axum::routes!`], with the handlers' types forgotten first
//! (see [`kit::web::road`], which says why).

/// Operations of one path, each a function with `#[utoipa::path]`, as [`utoipa_axum::router::OpenApiRouter::routes`]
/// takes them.
macro_rules! routes {
    ($($handler:path),+ $(,)?) => {{
        use utoipa_axum::PathItemExt as _;
        let mut paths = utoipa::openapi::path::Paths::new();
        let mut schemas = Vec::<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>::new();
        let mut methods = axum::routing::MethodRouter::new();
        $(
            let (path, item, types) = utoipa_axum::routes!(@resolve_types $handler : schemas);
            for one in &types {
                methods = methods.on(one.to_method_filter(), kit::web::road::plain($handler));
            }
            paths.add_path_operation(&path, types, item);
        )+
        (schemas, paths, methods)
    }};
}

pub(crate) use routes;
