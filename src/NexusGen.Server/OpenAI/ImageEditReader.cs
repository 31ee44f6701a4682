using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Reads requests of /v1/images/edits: forms, or JSON.</summary>
internal sealed class ImageEditReader(ImageReader reader, Limits limits, IOptions<NexusGenServerOptions> options)
{
    // For this form only: other forms of the application keep their own limits.
    private readonly FormOptions _limits = new()
    {
        MultipartBodyLengthLimit = options.Value.MaxBodyBytes,
        ValueLengthLimit = (int)Math.Min(4L * options.Value.MaxTextLength, int.MaxValue),
    };

    /// <summary>Reads the fields and the images. Only the last image is decoded, because that one is edited.</summary>
    /// <exception cref="ApiException">The request is invalid or exceeds a limit.</exception>
    public async Task<(ImageRequest Request, RequestImages Images)> ReadAsync(HttpContext context)
    {
        if (context.Request.HasJsonContentType())
        {
            ImageEditRequest request =
                await JsonBody.ReadAsync(context, ApiJson.Default.ImageEditRequest).ConfigureAwait(false);
            return (request, Images(request));
        }

        if (!context.Request.HasFormContentType)
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "The request must have a body of the Content-Type multipart/form-data or application/json.",
                "invalid_request_error");
        }

        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(_limits, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            // A field can name its encoding, and the framework uses it.
            throw ApiException.BadRequest("A field of the form is in an encoding (charset) that is not read here: send UTF-8.");
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw ApiException.BadRequest("The form is cut off or malformed, or has too many or too long fields.");
        }

        if (form.Files["mask"] is not null)
        {
            throw Masked();
        }

        IFormFile[] files = [.. form.Files.Where(file => file.Name is "image" or "image[]")];
        limits.Images(files.Length, "image");
        if (files.Length == 0)
        {
            throw ApiException.BadRequest("image is missing: bring the picture to change.", "image");
        }

        var images = new RequestImages(reader, limits, "image");
        foreach (IFormFile file in files)
        {
            images.Add(cancellation => BytesAsync(file, cancellation), "image", used: file == files[^1]);
        }

        return (Fields(form), images);
    }

    private RequestImages Images(ImageEditRequest request)
    {
        if (request.Mask is { ValueKind: not JsonValueKind.Null })
        {
            throw Masked();
        }

        int count = request.Images?.Count ?? 0;
        limits.Images(count, "images");
        if (count == 0)
        {
            throw ApiException.BadRequest("images is empty: bring the picture to change.", "images");
        }

        var images = new RequestImages(reader, limits, "images");
        foreach ((int i, ImageReference? image) in request.Images!.Index())
        {
            string field = $"images[{i}].{(image?.FileId is null ? "image_url" : "file_id")}";
            images.Add(
                image?.FileId is null
                    ? image?.ImageUrl
                    : throw ApiException.BadRequest($"{field}: this server keeps no files; send image_url.", field),
                field,
                used: i == count - 1);
        }

        return images;
    }

    private static ApiException Masked() =>
        ApiException.BadRequest("mask: the model changes what the prompt says, it takes no masks.", "mask");

    private static async Task<byte[]> BytesAsync(IFormFile file, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[file.Length];
        await using Stream stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    // Texts like style=0.8, in one field or several; or the JSON of other requests.
    private static JsonElement? Loras(IFormCollection form)
    {
        string[] texts = [.. new[] { "loras", "loras[]" }.SelectMany(name => form[name]).OfType<string>()];
        if (texts is not [['[', ..]])
        {
            return texts.Length == 0 ? null : JsonSerializer.SerializeToElement(texts, ApiJson.Default.StringArray);
        }

        try
        {
            return JsonSerializer.Deserialize(texts[0], ApiJson.Default.JsonElement);
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest("loras is not valid JSON: write a list, or a text like style=0.8.", "loras");
        }
    }

    private static ImageRequest Fields(IFormCollection form)
    {
        string? Text(string name) => form.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;
        T? Number<T>(string name, string what)
            where T : struct, IParsable<T> =>
            Text(name) is not { Length: > 0 } text ? null
            : T.TryParse(text, CultureInfo.InvariantCulture, out T value) ? value
            : throw ApiException.BadRequest($"{name} must be {what}.", name);
        return new ImageRequest
        {
            Model = Text("model"),
            Loras = Loras(form),
            Prompt = Text("prompt"),
            N = Number<int>("n", "a whole number"),
            Size = Text("size"),
            Fit = Text("fit"),
            ResponseFormat = Text("response_format"),
            OutputFormat = Text("output_format"),
            Stream = Number<bool>("stream", "true or false"),
            Async = Number<bool>("async", "true or false"),
            PartialImages = Number<int>("partial_images", "a whole number"),
            Seed = Number<long>("seed", "a whole number"),
            Steps = Number<int>("steps", "a whole number"),
            CfgScale = Number<double>("cfg_scale", "a number"),
            NegativePrompt = Text("negative_prompt"),
        };
    }
}
