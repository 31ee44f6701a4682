using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;

namespace NexusGen.Server.Http;

/// <summary>The OpenAPI document: its title, and the names of fields as they are on the wire.</summary>
internal static class OpenApiDocument
{
    /// <summary>Sets the options.</summary>
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Nexus-Gen";
            document.Info.Description = "One model that sees, draws and edits pictures, behind the API of OpenAI.";
            return Task.CompletedTask;
        });

        // The application's own JSON settings may be others than this API's.
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type.Assembly == typeof(OpenApiDocument).Assembly && schema.Properties is { Count: > 0 } properties)
            {
                schema.Properties = properties.ToDictionary(item => JsonNamingPolicy.SnakeCaseLower.ConvertName(item.Key), item => item.Value);
                schema.Required = schema.Required is { } required ? required.Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).ToHashSet() : null;
            }

            return Task.CompletedTask;
        });
    }
}
