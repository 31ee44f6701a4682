using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Http;

/// <summary>Configures the OpenAPI document: its title, security, operations, and fields as they are in the JSON.</summary>
internal static class OpenApiDocument
{
    private const string Scheme = "key";

    /// <summary>Sets the options.</summary>
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer(TransformAsync);
        options.AddOperationTransformer(OpenApiOperations.TransformAsync);
        options.AddSchemaTransformer(OpenApiFields.TransformAsync);
    }

    private static Task TransformAsync(
        Microsoft.OpenApi.OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        CancellationToken cancellationToken)
    {
        document.Info.Title = "Nexus-Gen";
        document.Info.Description = "One model that sees, draws and edits pictures, behind the API of OpenAI.";
        document.Info.License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" };

        foreach (OpenApiServer server in document.Servers ?? [])
        {
            server.Url = server.Url?.TrimEnd('/');
        }

        // HEAD is answered wherever GET is, and is no operation of its own.
        foreach (OpenApiPathItem path in document.Paths.Values.OfType<OpenApiPathItem>())
        {
            path.Operations?.Remove(HttpMethod.Head);
        }

        // A server without keys accepts requests with any.
        bool required = context.ApplicationServices
            .GetRequiredService<IOptions<NexusGenServerOptions>>().Value.ApiKeys.Count > 0;
        document.AddComponent(
            Scheme,
            new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key of the server, if it has any.",
            });
        var key = new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] };
        document.Security = required ? [key] : [[], key];
        return Task.CompletedTask;
    }
}
