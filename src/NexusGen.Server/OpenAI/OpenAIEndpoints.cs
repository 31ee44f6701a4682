using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>The endpoints of OpenAI's API.</summary>
internal static class OpenAIEndpoints
{
    private const string Json = "application/json";
    private const string Tag = "OpenAI";

    /// <summary>Maps the endpoints.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder v1 = routes.MapGroup("/v1").WithTags(Tag).WithMetadata(ErrorResponses.Metadata);
        MapModels(v1);
        v1.MapPost("/chat/completions", (HttpContext context, ChatCompletions chat) => chat.HandleAsync(context))
            .Accepts<ChatRequest>(Json)
            .Produces<ChatResponse>(contentType: Json)
            .WithMetadata([new EventResponse(typeof(ChatResponse)), new WaitsForModel(), .. ErrorResponses.OfQueue])
            .WithName("createChatCompletion")
            .WithSummary("The next message of a conversation, with the pictures that it draws.");
        MapImages(v1);
        MapResponses(v1);

        // Pages and clients that show an image by its address send no key with it. The address can't be guessed.
        routes.MapGet(ImageStore.Path + "{id}", SendImageAsync)
            .AllowAnonymous()
            .WithTags(Tag)
            .WithMetadata([new FileResponse("image/png", "image/jpeg", "image/webp"), .. ErrorResponses.Metadata])
            .WithName("getPicture")
            .WithSummary("A drawn picture, by the address that was given.");
    }

    private static void MapImages(RouteGroupBuilder v1)
    {
        v1.MapPost("/images/generations", (HttpContext context, ImageGenerations images) => images.GenerateAsync(context))
            .Accepts<ImageRequest>(Json)
            .Produces<ImageResponse>(contentType: Json)
            .WithMetadata([new EventResponse(typeof(ImageEvent)), new WaitsForModel(), .. ErrorResponses.OfQueue])
            .WithName("createImage")
            .WithSummary("Pictures of a text.");
        v1.MapPost("/images/edits", (HttpContext context, ImageGenerations images) => images.EditAsync(context))
            .Accepts<ImageEditRequest>(Json, "multipart/form-data")
            .Produces<ImageResponse>(contentType: Json)
            .WithMetadata(
                [new EventResponse(typeof(ImageEvent)), new FormImages(), new WaitsForModel(), .. ErrorResponses.OfQueue])
            .WithName("createImageEdit")
            .WithSummary("A picture changed by a text.");

        // Longer than the words that can follow here.
        const string one = "/images/{id:minlength(24)}";
        v1.MapGet(
                one,
                (HttpContext context, ImageGenerations images, string id, bool? stream,
                    [FromQuery(Name = "starting_after")] int? after) => images.GetAsync(context, id, stream == true, after))
            .Produces<ImageResponse>(contentType: Json)
            .WithMetadata(new EventResponse(typeof(ImageEvent)))
            .WithName("getImages")
            .WithSummary(
                "Pictures of the background (async), or their events (stream) after the one with the number starting_after.");
        v1.MapPost(
                one + "/cancel", (HttpContext context, ImageGenerations images, string id) => images.CancelAsync(context, id))
            .Produces<ImageResponse>(contentType: Json)
            .WithName("cancelImages")
            .WithSummary("Cancels pictures of the background.");
        v1.MapDelete(one, (HttpContext context, ImageGenerations images, string id) => images.DeleteAsync(context, id))
            .Produces<Deleted>(contentType: Json)
            .WithName("deleteImages")
            .WithSummary("Forgets pictures of the background, and cancels unfinished ones.");
    }

    private static void MapModels(RouteGroupBuilder v1)
    {
        v1.MapGet("/models", (HttpContext context, Limits limits) =>
                JsonText.SendAsync(context, new ModelList("list", Entries(limits)), ApiJson.Default.ModelList))
            .Produces<ModelList>(contentType: Json)
            .WithName("listModels")
            .WithSummary("The model, and the model with each of the LoRAs.");

        // Names of LoRAs in folders have slashes, which clients encode.
        v1.MapGet("/models/{**model}", (HttpContext context, Limits limits, string model) =>
            {
                model = model.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
                return JsonText.SendAsync(context, Entry(limits, model), ApiJson.Default.ModelEntry);
            })
            .Produces<ModelEntry>(contentType: Json)
            .WithName("getModel")
            .WithSummary("A model.");
    }

    private static void MapResponses(RouteGroupBuilder v1)
    {
        v1.MapPost("/responses", (HttpContext context, Responses responses) => responses.CreateAsync(context))
            .Accepts<ResponsesRequest>(Json)
            .Produces<ResponseBody>(contentType: Json)
            .WithMetadata([new EventResponse(typeof(ResponseEvent)), new WaitsForModel(), .. ErrorResponses.OfQueue])
            .WithName("createResponse")
            .WithSummary("A response, with pictures as the image tool's output.");
        v1.MapGet(
                "/responses/{id}",
                (HttpContext context, Responses responses, string id, bool? stream,
                    [FromQuery(Name = "starting_after")] int? after) => responses.GetAsync(context, id, stream == true, after))
            .Produces<ResponseBody>(contentType: Json)
            .WithMetadata(new EventResponse(typeof(ResponseEvent)))
            .WithName("getResponse")
            .WithSummary(
                "A response that is still kept, or the events of one of the background (stream) after the one with the number "
                + "starting_after.");
        v1.MapPost(
                "/responses/{id}/cancel",
                (HttpContext context, Responses responses, string id) => responses.CancelAsync(context, id))
            .Produces<ResponseBody>(contentType: Json)
            .WithName("cancelResponse")
            .WithSummary("Cancels a response of the background.");
        v1.MapDelete(
                "/responses/{id}",
                (HttpContext context, Responses responses, string id) => responses.DeleteAsync(context, id))
            .Produces<Deleted>(contentType: Json)
            .WithName("deleteResponse")
            .WithSummary("Forgets a response, and cancels an unfinished one.");
    }

    private static async Task SendImageAsync(HttpContext context, ImageStore store, string id)
    {
        EncodedImage image = store.Find(id, "")
            ?? throw ApiException.NotFound("There is no such picture, or it is not kept any more.");
        context.Response.ContentType = image.MediaType;
        context.Response.ContentLength = image.Data.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "private, max-age=3600";
        await context.Response.Body.WriteAsync(image.Data, context.RequestAborted).ConfigureAwait(false);
    }

    private static IReadOnlyList<ModelEntry> Entries(Limits limits) =>
    [
        Entry(limits.ModelId),
        .. limits.Loras.Entries.Select(lora => Entry(limits.ModelWith(lora.Name)) with
        {
            Parent = limits.ModelId,
            AppliesTo = lora.AppliesTo,
        }),
    ];

    private static ModelEntry Entry(Limits limits, string model)
    {
        // Several LoRAs, or another strength, are the caller's own model.
        bool isAlone = limits.Model(model).Named.Count == 0;
        return Entries(limits).FirstOrDefault(entry => entry.Id == model)
            ?? Entry(model) with { Parent = isAlone ? null : limits.ModelId };
    }

    private static ModelEntry Entry(string id) => new(id, "model", 0, "nexusgen");
}
