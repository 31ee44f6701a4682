using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace NexusGen.Server.Http;

/// <summary>Configures the OpenAPI document: its title, and field names as in the JSON.</summary>
internal static class OpenApiDocument
{
    /// <summary>Sets the options.</summary>
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Nexus-Gen";
            document.Info.Description = "One model that sees, draws and edits pictures, behind the API of OpenAI.";

            // HEAD is answered wherever GET is, and is no operation of its own.
            foreach (OpenApiPathItem path in document.Paths.Values.OfType<OpenApiPathItem>())
            {
                path.Operations?.Remove(HttpMethod.Head);
            }

            return Task.CompletedTask;
        });

        // The JSON settings of the application can differ from those of this API.
        options.AddSchemaTransformer((schema, context, _) =>
        {
            bool isOwn = context.JsonTypeInfo.Type.Assembly == typeof(OpenApiDocument).Assembly;
            if (isOwn && schema.Properties is { Count: > 0 } properties)
            {
                JsonNamingPolicy names = JsonNamingPolicy.SnakeCaseLower;
                schema.Properties = properties.ToDictionary(item => names.ConvertName(item.Key), item => item.Value);
                schema.Required = schema.Required?.Select(names.ConvertName).ToHashSet();
            }

            return Task.CompletedTask;
        });
    }
}
