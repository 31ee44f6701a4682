// Draws, edits and describes over HTTP:
//   curl 'http://localhost:5000/draw?prompt=a+red+star' -o star.png
//   curl 'http://localhost:5000/edit?prompt=make+it+blue' --data-binary @star.png -H 'Content-Type: image/png' -o blue.png
//   curl 'http://localhost:5000/ask?question=what+is+in+this+picture' --data-binary @blue.png -H 'Content-Type: image/png'
using Microsoft.Extensions.AI;
using NexusGen;
using NexusGen.Core;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Requests;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddNexusGen(options =>
{
    options.Model = builder.Configuration["Model"] ?? Path.Combine("models", "nexus-gen-tiny");
    options.MaxBatch = 8;
});
WebApplication app = builder.Build();

app.MapGet("/draw", async (string prompt, ulong? seed, NexusGenModel model, CancellationToken cancellation) =>
    Picture(await model.GenerateAsync(new GenerateRequest(prompt) { Picture = new PictureSettings { Seed = seed } }, cancellationToken: cancellation)));

app.MapPost("/edit", async (string prompt, HttpRequest request, NexusGenModel model, CancellationToken cancellation) =>
    Picture(await model.EditAsync(new EditRequest(ImageFile.Read((await ReadAsync(request, cancellation)).Data.Span), prompt), cancellationToken: cancellation)));

// The same model behind the interface of Microsoft.Extensions.AI.
app.MapPost("/ask", async (string question, HttpRequest request, IChatClient client, CancellationToken cancellation) =>
    (await client.GetResponseAsync(new ChatMessage(ChatRole.User, [await ReadAsync(request, cancellation), new TextContent(question)]), null, cancellation)).Text);

// What is wrong with a request the model says in a sentence.
app.Use(async (context, next) =>
{
    try
    {
        await next(context);
    }
    catch (NexusGenException e) when (!context.Response.HasStarted)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        await context.Response.WriteAsync(e.Message);
    }
});
app.Run();

static IResult Picture(Reply reply) => reply is PictureReply { Pictures: [var drawn, ..] }
    ? Results.Bytes(ImageFile.Encode(drawn.Image, ImageFormat.Png), "image/png")
    : throw new NexusGenException($"The model answered with words alone: {reply.Text}");

static async Task<DataContent> ReadAsync(HttpRequest request, CancellationToken cancellation)
{
    using var data = new MemoryStream();
    await request.Body.CopyToAsync(data, cancellation);
    return new DataContent(data.ToArray(), request.ContentType ?? "image/png");
}
