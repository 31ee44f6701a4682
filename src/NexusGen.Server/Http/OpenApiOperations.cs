using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace NexusGen.Server.Http;

/// <summary>
/// Describes what ASP.NET Core does not: files, streams of events, forms with images, and which operations need a key.
/// </summary>
internal static class OpenApiOperations
{
    private const string Ok = "200";

    /// <summary>Describes an operation.</summary>
    public static async Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Responses ??= [];
        if (metadata.OfType<FileResponse>().LastOrDefault() is { } file)
        {
            operation.Responses[Ok] = new OpenApiResponse
            {
                Description = "The file.",
                Content = file.MediaTypes.ToDictionary(type => type, _ => Of(Binary())),
            };
        }

        if (metadata.OfType<EventResponse>().LastOrDefault() is { } events
            && operation.Responses[Ok].Content is { } content)
        {
            OpenApiSchema schema = await context.GetOrCreateSchemaAsync(events.Type, null, cancellationToken)
                .ConfigureAwait(false);
            schema.Description = "The data of each event, if the request sets stream.";
            content["text/event-stream"] = Of(schema);
        }

        if (metadata.OfType<FormImages>().Any()
            && operation.RequestBody?.Content?.TryGetValue(FormImages.MediaType, out OpenApiMediaType? form) == true)
        {
            form.Schema = new OpenApiSchema { AllOf = [form.Schema!, Images()] };
        }

        if (metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [];
        }
    }

    private static OpenApiMediaType Of(IOpenApiSchema schema) => new() { Schema = schema };

    private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };

    // One file, or several under one name; some clients write the name of an array with brackets.
    private static OpenApiSchema Images()
    {
        OpenApiSchema Files() => new() { Type = JsonSchemaType.Array, Items = Binary(), MinItems = 1 };
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["image"] = new OpenApiSchema
                {
                    Description = "The image to edit. Of several, the last one is edited.",
                    AnyOf = [Binary(), Files()],
                },
                ["image[]"] = Files(),
            },
            AnyOf =
            [
                new OpenApiSchema { Required = new HashSet<string> { "image" } },
                new OpenApiSchema { Required = new HashSet<string> { "image[]" } },
            ],
        };
    }
}
