using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Http;

/// <summary>
/// Describes fields in the OpenAPI document as they are accepted: their names on the wire, ranges, words, and fields of several
/// types.
/// </summary>
/// <remarks>
/// The code that reads requests checks the same limits and reports them in sentences; tests compare the two. A field has the same
/// limits in all requests, except for <c>n</c>.
/// </remarks>
internal static class OpenApiFields
{
    private static readonly string[] Requests =
    [
        "ChatRequest", "ImageRequest", "ImageEditRequest", "ResponsesRequest", "ResponsesTool", "PictureFields",
        "StudioTurnRequest", "GallerySearch",
    ];

    private static readonly Dictionary<string, string[]> RequiredFields = new()
    {
        ["ChatRequest"] = ["messages"],
        ["ChatRequestMessage"] = ["role"],
        ["ImageRequest"] = ["prompt"],
        ["ImageEditRequest"] = ["prompt"],
        ["ResponsesRequest"] = ["input"],
    };

    private static readonly Dictionary<string, string[]> Words = new()
    {
        ["fit"] = ["contain", "cover", "exact"],
        ["kind"] = ["drawn", "edited", "brought"],
        ["action"] = ["auto", "draw", "generate", "edit", "ask"],
        ["form"] = ["markdown", "images"],
        ["response_format"] = ["b64_json", "url"],
        ["output_format"] = ["png", "jpeg", "webp"],
    };

    private static readonly Dictionary<string, (double? Min, double? Max)> Ranges = new()
    {
        ["temperature"] = (0, 2),
        ["top_p"] = (0, 1),
        ["top_k"] = (0, null),
        ["repetition_penalty"] = (0.1, 10),
        ["max_tokens"] = (1, null),
        ["max_completion_tokens"] = (1, null),
        ["max_output_tokens"] = (1, null),
        ["partial_images"] = (0, 3),
        ["preview_every"] = (1, null),
        ["seed"] = (-1, null),
        ["cfg_scale"] = (-100, 100),
        ["embedded_guidance"] = (-100, 100),
        ["limit"] = (1, 200),
    };

    /// <summary>Describes the fields of a type of this server.</summary>
    public static Task TransformAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        Type type = context.JsonTypeInfo.Type;
        if (type.Assembly != typeof(OpenApiFields).Assembly || schema.Properties is not { Count: > 0 } properties)
        {
            return Task.CompletedTask;
        }

        // The JSON settings of the application can differ from those of this API.
        JsonNamingPolicy names = JsonNamingPolicy.SnakeCaseLower;
        schema.Properties = properties.ToDictionary(item => names.ConvertName(item.Key), item => item.Value);
        schema.Required = schema.Required?.Select(names.ConvertName).ToHashSet();
        bool isRequest = Requests.Contains(type.Name);
        NexusGenServerOptions limits =
            context.ApplicationServices.GetRequiredService<IOptions<NexusGenServerOptions>>().Value;
        foreach (string name in schema.Properties.Keys.ToArray())
        {
            if (Several(type.Name, name) is { } several)
            {
                schema.Properties[name] = several;
            }
            else if (schema.Properties[name] is OpenApiSchema field)
            {
                Numbers(field);
                if (isRequest)
                {
                    Limit(field, type.Name, name, limits);
                }
            }
        }

        foreach (string name in RequiredFields.GetValueOrDefault(type.Name) ?? [])
        {
            (schema.Required ??= new HashSet<string>()).Add(name);
            if (schema.Properties[name] is OpenApiSchema { Type: not null } field)
            {
                field.Type &= ~JsonSchemaType.Null;
            }
        }

        return Task.CompletedTask;
    }

    // Numbers in strings are accepted by the default settings of web applications, but not by this API.
    private static void Numbers(OpenApiSchema field)
    {
        if (field.Type is { } type && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
        {
            field.Type = type & ~JsonSchemaType.String;
            field.Pattern = null;
        }
    }

    private static void Limit(OpenApiSchema field, string type, string name, NexusGenServerOptions limits)
    {
        (double? min, double? max) = name switch
        {
            "n" => (1, type == "ChatRequest" ? 1 : limits.MaxCount),
            "count" => (1, Math.Min(4, limits.MaxCount)),
            "steps" => (1, limits.MaxSteps),
            _ => Ranges.GetValueOrDefault(name),
        };
        field.Minimum = min?.ToString(CultureInfo.InvariantCulture);
        field.Maximum = max?.ToString(CultureInfo.InvariantCulture);
        if (name == "size")
        {
            field.Pattern = "^(auto|[0-9]+x[0-9]+)$";
        }
        else if (Words.GetValueOrDefault(name) is { } words)
        {
            field.Enum = [.. words.Select(word => (JsonNode)word), JsonNullSentinel.JsonNull];
        }
    }

    // Fields that accept values of several types.
    private static OpenApiSchema? Several(string type, string name) => (type, name) switch
    {
        ("ChatRequest" or "ImageRequest" or "ImageEditRequest" or "ResponsesRequest" or "StudioTurnRequest", "loras") =>
            new OpenApiSchema
            {
                Description = "LoRAs as objects with name and strength, or as texts like style=0.8.",
                Type = JsonSchemaType.Null | JsonSchemaType.String | JsonSchemaType.Array,
                Items = new OpenApiSchema
                {
                    AnyOf =
                    [
                        new OpenApiSchema { Type = JsonSchemaType.String },
                        new OpenApiSchema
                        {
                            Type = JsonSchemaType.Object,
                            Required = new HashSet<string> { "name" },
                            Properties = new Dictionary<string, IOpenApiSchema>
                            {
                                ["name"] = new OpenApiSchema { Type = JsonSchemaType.String },
                                ["strength"] = new OpenApiSchema
                                {
                                    Type = JsonSchemaType.Null | JsonSchemaType.Number,
                                    Minimum = "-100",
                                    Maximum = "100",
                                },
                            },
                        },
                    ],
                },
            },
        ("ChatRequest", "stop") => new OpenApiSchema
        {
            Type = JsonSchemaType.Null | JsonSchemaType.String | JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.String },
            MaxItems = 4,
        },
        ("ChatRequestMessage", "content") => new OpenApiSchema
        {
            Description = "A text, or parts of the type text or image_url.",
            Type = JsonSchemaType.Null | JsonSchemaType.String | JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.Object },
        },
        ("ResponsesRequest", "input") => new OpenApiSchema
        {
            Description = "A text, or items: messages and generated images.",
            Type = JsonSchemaType.String | JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.Object },
        },
        _ => null,
    };
}
