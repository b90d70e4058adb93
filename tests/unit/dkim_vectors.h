/*
 * dkim_vectors.h - signatures of one small message, made with openssl(1) and a few lines that do
 * what RFC 6376 section 3.4 says; no DKIM library had a part in them. Values as a milter gets them.
 *
 * The message (the signature is on top):
 *
 *	From: Joe <joe@example.org>
 *	To:  sue@example.net
 *	Subject: two  blanks
 *		and a fold               (with a blank at its end)
 *
 *	Hello,                           (with two)
 *
 *		world <tab> of mail.
 *	                                 (two empty lines)
 */
#ifndef DKIM_VECTORS_H
#define DKIM_VECTORS_H

/* clang-format off */
#define RELAXED \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=xgNst2/1axz5pIq4nLMwGBAS8oDxagmOfDVy4v+7qOVZp2AHTo4pHX+gOaq4" \
	"\n\tSXgFKxKsMVnIiVF+V5rS/lkxKaLL/rJLCZ4+XnlBv60m6AwNM+FNjdz8bUp4" \
	"\n\tIeAb9thFUVrUqAVCWux/Xoj/ArW3KtKFcxL7Y1lICok6lr8YOcJkWeTSoiTJ" \
	"\n\tBPY4sjnypMrFcwL/oof2rTGc91yyhzx9gyMvVT4M6Rgwz4tfoFvFa1XaQW+s" \
	"\n\tfOLbrl82pQzYLJkRjN3kPie8Ep0eCT7NlnZz5b3/gnxWluGdLke+nOUPcxJK" \
	"\n\tcY5NUsELZDCtiPKdTE4fgsHu2nnxd/QwyPH+3JGRkQ=="

#define SIMPLE \
	" v=1; a=rsa-sha256; c=simple/simple; d=example.org; s=s2048;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=T1H24RyS0ekN8MI3p2s3Uk/NNPKY/4WUokPZtyN7WBw=;" \
	"\n\tb=caWAXwYpwDT6WXCjYERMsgAzMzWeHwbd9AEAiggYrqFtf8i5T+uWseAUMhWA" \
	"\n\t+8cf3z2Rc64JAN5ScGwQ6M2QIjK45uQtu3B+EQz5vxw2P1wPOlMQN2ssJglV" \
	"\n\tjRn/n60fmPpaVQYpJg7wPY8lzFM6s2/0SRPI4M02GiU3uDAFT5+rderT6YE7" \
	"\n\tVJ4ZIzhN4RcwyO3GkEADb3RtrGlMLVAMFFvuEdlLR8zq924bkJpspjVX84e1" \
	"\n\tPtBMMpbCVx+Z5LDH8dgX2YE7+0gpPeJQJZbepfvfv260CW08bOj14xkwBbPL" \
	"\n\t5qvdihDCTK3+GxKruQT8kcu9jm00cuBX7n22SC4uOA=="

#define MIXED \
	" v=1; a=rsa-sha256; c=relaxed; d=example.org; s=s2048;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=T1H24RyS0ekN8MI3p2s3Uk/NNPKY/4WUokPZtyN7WBw=;" \
	"\n\tb=wDOJrbqMiNNqLYFaUO7gFiJFh1jgC4Fi5MQCXw7seaqBGXI2INEvWxeiZI35" \
	"\n\tESwpfZVgbik42bjzO6g3DDaYCHSggeaCwmee4S2uvb+Yxgl8C11XnNx3SXug" \
	"\n\thiybkuFH8nPbA8ugunr/j24YNWybPLUnQjPxTrRljMqy7yMTBqScCQgBaBiq" \
	"\n\tPQCay7BOxwFk55gxCMGNBp+SDKwM+oyAMmyzOY+Sua0CvSTAp6gSHoNCQwOY" \
	"\n\txLx95qJVISXZfpB2m6FZN8jHR25yFQ/z3668ZYIjQEbHJBkoeNh/DUV679X/" \
	"\n\tBxBW4brt3HV4Xc7WknyMnc4ySIYCkgS5o0nh+yNFPw=="

#define ED25519 \
	" v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=sed;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=U/p0NDoXO3b+1RVG0WNTSQGau6PQbvkA3+AzxgiA8WVSb+dsCesBg0wgvWp0" \
	"\n\tA00wMYaI4hboh0Flc0N484MMCQ=="

#define ED25519_SIMPLE \
	" v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=sed;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=T1H24RyS0ekN8MI3p2s3Uk/NNPKY/4WUokPZtyN7WBw=;" \
	"\n\tb=DjxHeN8jiPLkr8uAu6wwfUVx9UkNVcikMiXluzPp6UUl+iEj5kegxVA0ucUZ" \
	"\n\tiewlWHGxPvrOgCXqZTNZ/D56Aw=="

#define BITS_1024 \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1024;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=qZbGIlEtFER2qZJcESq13y+hwno5/2tZ92gutz+yGDDQnxrewgbpCe0W7Gk0" \
	"\n\ttiRr/9fwPf2Jbkv0qcyT0kumcNxqmEMawkdY5JHzsX323oH2J8NUZxkXQplL" \
	"\n\tm6x4/79fO7rorKRGzmoVmi7ggHUlEZuRImd4jAnYWCbRGAmVrP8="

#define BITS_512 \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s512;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=IttAJjOPZBGWw2vcnKPegFDN0QHer72m+i+q1gxlv9E6V7Vp/c7jHfCV4yDy" \
	"\n\tVxRmyNYGgRMQLeJg0z9UcUshHw=="

#define SHA1 \
	" v=1; a=rsa-sha1; c=relaxed/relaxed; d=example.org; s=s2048;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=+KHnRyZrc5eXdfunRaByt3lFCgA=;" \
	"\n\tb=GgSx0FE931a/0leXle8fvO+gmYAsdY4h1ylzP4ST7joYF963L7qp/FtxKaBr" \
	"\n\tmj/Uz0e9Xa2sJc/gY7i/ne2BQHSRHLzI8FHq7djmuL143SdtkjG0JCN4eyWS" \
	"\n\tsUcW9uQfqe2lqctKECnehMsBCSdfIFgbxGRfADecKpnfBtTIB7YyiFwWqzIg" \
	"\n\tB8uyoxahzdbrt4fLCvx8t3JCtlTXd5vjd+Mkziit2HYXSYT5UAYk69Z6PSXA" \
	"\n\ts2Cgd0Mf+x58N2sJCiSZLZJi84McJz+KhPeVaJtyoZSGqJeQ+u80LBQxvOl8" \
	"\n\t+kwRiOtrLyiQ+qG77eGNroUYKoSIqRaDsmST97EoLw=="

#define LENGTH \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048; l=27;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=ITJNIsgBX86XOs7j7Hp9r20LXFz1QgUF7LcJk2iLlsa4AYWdrcTG/1yu6TKY" \
	"\n\tlU5aFE6Ya7gbMmi4ncfmh6JOakVqK29XLPtDFBDL5oJyznOahsO7D36w7/rD" \
	"\n\tCU/OkSnT1sPVX44EApmO65x8jXMwaX9PkiikiW7IXoq6e9V/rB4pjZO91yeM" \
	"\n\tbeYd911LbnE3EzgjOcJeH+QTE8vyRj1mZPnbPcl8fB37fzga+uyaUvYgjScp" \
	"\n\tcvlusj8hs8n6tCqTXnO/Zc6/6UPmaeb+aZVlIBNWSD30vYLDzBT2WJo/BVQv" \
	"\n\tY2n1tRfLBgsGV78SYM5pOSD5XNv4hjvilMJMgx0fLw=="

#define EXPIRED \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048; t=1500000000; x=1500086400;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=MzAVEYEG34sMO2A3s6up0Bia9L8mSuq7d4bOvRbYJ5AGP2Ooj1UecupaaZlw" \
	"\n\t/+zjdvrFau/DP+n3N9Kom+cj1lOuIsdO5BJ2x9bCWTdD31sFul7ycxpa5oT2" \
	"\n\txG+9Vda+42nZmTH3jU1NGqjzZW47nqPcqnMannClL9cWcYb0qXZBjEzU4rNU" \
	"\n\tH89mxibYOER8NGShuln5B7WAh1BhTESL0+uTZqrDh7V35PCOCVR7iJzFTEjP" \
	"\n\tiWAf4ySEnr9UbMvRBtZqxBQOf8CnXwrom737Cc/NOx9OqdrjZXoUwCymuw5/" \
	"\n\t9I5b+vABlBaKpjNtHK87ojbktlW9UonKNfBAy2leeg=="

#define FUTURE \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048; t=4102444800;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=m1okU7qhE1RlTdJ8m2YP0ZT43Wy5LYSu1Vc8/4n2VpEuURSk+1G3mu20WsR5" \
	"\n\tRfwTcJhLOefOAkS7TkG5oWn/QRS1iHepm1HATZaM2+MCTckF22yufpUqk6i0" \
	"\n\tRn7a9FbJXS1UslHUX07uKRPfm2YWIW2cgomfvDmxegDLwd8cmV+KltG+zKE6" \
	"\n\tcvIKTtQser8eFtVsswSVidRWsmEzNnphero0VlWFidhbai3WhsvCkkDK32/W" \
	"\n\ttuzYg2LBFSU/fmEZK6sxtq8wHwN/ERxsoS91zMJpesOTUrHDKUbrmczGN3rD" \
	"\n\tHqpLYrbKk9c7Oqd519ZvcdWooRMjIixLzx+pLC3c1A=="

#define LIVE \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048; t=1500000000; x=4102444800;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=rMYG0rVO865f6rA50LgoVqpPvhdVG8AyG4QkL/jSkhJLlJpzSpZlJQrwDAM9" \
	"\n\tR35aCYhrSXSxCjwgOv5vfC5NkQsHSSi5X4uOYu+jrMtv64Vm5Mw/ibhcing+" \
	"\n\tEuStkd/cYielVn+ycB1/aDlyVNazcVx5XCeXeG0h6sP3gyk1IVg8zKMlZf4w" \
	"\n\t+T9/D91/1HV/300auoJtQWwdwDGkgT16GZDL+sf7bj1DoR5+vBYPzX3Lgmuw" \
	"\n\t3Jebj0v2TQFJwlsxR/fCTHoy9bf4g5mFDu287H4RlyJ+DHIlC9vIk0glqnRJ" \
	"\n\tuL5t7WMl4cgnSUV0t8li1f57EMqk9wJI8zePB8KUSg=="

#define SUBDOMAIN \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048; i=joe=2Bx@mail.example.org;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=ovK+kMixiVp8CQb4mmEkOZxKHHZbbqMMBM4gHbkRBvpNFcKiYlxwGvYROzOS" \
	"\n\tTNRYT9oOmDP4gDSgNMFxZDUei+L7n6EWHv/VzvESAnLIEVhBXxa859q3PGOt" \
	"\n\tP1cTUlQeqklLAGh3babXDVpYU6Dg2oSn6Ugx4trYYmwCL2D5fo8T69hRONtN" \
	"\n\t3MVEpS480vL9S2YtAbOLl/+yGJsg29f3ghNc6mTCGGl8TBYv4AiiQqIG0Emj" \
	"\n\tPmPoio6s2lt3E3YuLEKZEU3Cm0RPyqK+rbI80YTGCkk7u/tqvwnr8NzMxxjl" \
	"\n\tX5uebzxr4APPiPmZnP6ZgUPvmEfJohiJCgEcwdceXA=="

#define FOREIGN \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048; i=joe@example.net;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=FnZpBeVZ2u6ZotaskoZiN3VeyqsU93Fh9FX1mdbiAlhXsa9PMzbk/r79Nzxc" \
	"\n\t6gbOqJFi2L7d6XoHhMoyjjuEkwPCVkvyY8o7+mpl3yX/8M9Rb8Q1kLj34J0s" \
	"\n\toD6uIoXlu6icVs18UMRJrXYyF+Y6DgMTYWBFdYsC8QcbgeSG9MIezTt2IBVV" \
	"\n\tg+VK+rkQ8xoxR/illXjlEfoefG1SxxXJ/QlAyL+hrsrQP52o3Wp3gTwowVPM" \
	"\n\txjGvvZ99OamCOF/+x2p8XAgCjNcLnGjq8iPaIKmomZr1+KICFZsklJxYuw85" \
	"\n\tojTfBg0eHpNi/qASxJD0KlfS2/g0YgjazI1TuYwB9Q=="

#define OVERSIGNED \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048;" \
	"\n\th=from:from:to:subject:cc;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=xFdeLneeAkZc7gsLhFHbxrDgAXgIVf/XWZFx3/iu5HgMM4ADycpLFMUvu0Op" \
	"\n\tprlnHYDCFI2SVM/KvGaYcvuzzD4/p9RtSGfxL5iuP2WuQTJGY8/b3m5QAES+" \
	"\n\toNEYYxqASSNR4biz21uqBAjmJT8pxaICnHmUEfmKKODvoGW3MbZSFwYxZMtQ" \
	"\n\tOouGnrKucKA1ECgdzVN0Ma3nxRMBEIpLA1pRYaJPSA+6+ohiENHX7I/y8yB9" \
	"\n\te5OuTyBNmv55fDjhnaAFhygIIQo3Swpcc4OSuLeI9wN9fkRH/8Ip/DsyRegg" \
	"\n\tlJ1Jsh9FeYqDdt6LkppQtGgcsNZ2OgOIQIxOhfjjyQ=="

#define ALL_SIGNED \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048;" \
	"\n\th=from:to:subject:dkim-signature:a:b:c:d;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=dF90IhmLWS0fBY5tfdDS8JM4n5fvJfHPteqIrx+S2t8+g5q1PjOO/uXW/UHd" \
	"\n\tLYTiSCr/u368UX1Fb0/+Nbyk7DHVrNfhuMi9hZMZh+BjA9fWYWzLsHJEcXpN" \
	"\n\tfOOD0alxmvS1kTetqGpXXWGTiKxDiWO7s8nw/EIC+riEOT9bUuOUngigiCzd" \
	"\n\tHmf/XtM05RdB7vaSSR+se1GTeFAvvUzKPA6vKMH6c9GGxDDrVlorW3XD+Rhd" \
	"\n\t4o2+GGYpfhNRsjCdNP8OEQB4NF5FvQrv1kGfDK1AClJ+LJPHKgh8rFSd69zN" \
	"\n\tgSB+dXqqp0GpD2vUm1zm5mqkxOdNLrbJ5k2fNCKI7w=="

#define NO_FROM \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048;" \
	"\n\th=to:subject;" \
	"\n\tbh=kWbdQarGOktc9/JX7gzoWXSGJ/FUzkjdgsk0suaxa0c=;" \
	"\n\tb=Rm+JWgOxpwYeK4F3iSTtgsKDjMXRZJoO4s9cKuCOmmZvneIxg7R448XosWC2" \
	"\n\t8/8n8tQf8NCslVD+ku9k/gsJeleCVKAQeYOD6v5gLaClg6oL1cGNVGHg7vRR" \
	"\n\tPfLWnj79cFqNKs7l4TTUpcsyR3LbpBZlO62OwY693Mo2wpmMErffR9JIU0lK" \
	"\n\tI94YXmMlS2mZX+u2+9DeHHZR7MO4qqZ4tx1EatHQOFUdqPp2urmSdIRCJOnL" \
	"\n\tWvYxq9xVjMNvYEOmUQB6gx+rMQj7KFRrtC7wGHFFe7ETjuKeYLCknP3IJRJ/" \
	"\n\tIe/dx8d6Q0AUKbLGuY8oFcILLAsSdWxxqCs7MtanOw=="

#define EMPTY_RELAXED \
	" v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s2048;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;" \
	"\n\tb=Kcpg6D6/WsIdVExKpV7ovFELN7FeSuUHEecXKf6zPtMnKg+IcFA4ibbTzAcE" \
	"\n\tkyNVyfmfNo4B988yeAqMgaopeUTvsg0qrCy0+R7coP4AbLR6Vsr9excCPQ+L" \
	"\n\tD2QMmNp5I9MDfsK7+w6JcfmiNc1UDrSWRfWUxecgwqXDE1gQBthY5hpQY5Ex" \
	"\n\tu7t1DZ0KoDkbpHOHGqOsIf1/EFWHmr7vMiuoBP95XyOFueTSZKJocw0svgsS" \
	"\n\tVwUyF86GA+etxEn8/G+vu7Qx5HMkThmZa6zed8k/nGHvGHsyf+DQKv+hX+bZ" \
	"\n\t610iyCF60GW99zP5gBb5BizIIPkZo7dViPfmt5bcRg=="

#define EMPTY_SIMPLE \
	" v=1; a=rsa-sha256; c=simple/simple; d=example.org; s=s2048;" \
	"\n\th=from:to:subject;" \
	"\n\tbh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;" \
	"\n\tb=diduowhfWNgn9t6Js6fRqRc53jKKQwTigmVfTYRBRs2UlKzHLQjJO8PovTi3" \
	"\n\tLMSSuCANtryO0FP0x+QKOvZUELtCLUiZTT7/0AV1GYrMoSPPPcPwBD2de42V" \
	"\n\tuPD0u33vovsC7mQ/SiE5uBLC9p4d1H7vS2kfntUFdKZP50elCEAg6vRS3pHI" \
	"\n\tPwAbkxXy7ZZ9Guwp61L1wUqoLT6znV6lSO0O+FJWDK5ernOtOP9WE06a8C1E" \
	"\n\tDLBnuDQif1QDHKSGMTRqMwGRVLBww0jkAOEg6vBXzyPBjKppmpWrXuq4c3To" \
	"\n\txtI118S8ILIysBQYRWHl4XCyaGqSuoNoR+sDEXkE3w=="

#define KEY_2048 \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyR6U1qj82TCJ2EcAU7NdiIvZ9ZhPb9LpYLJV" \
	"DQTMCciYs51109jELVKNZ1j8Tfg0QXpVCu1AKYTH0FhGp7Pum+pSUocWxQI3JD4zIl5X8Fx0rjhU75sO" \
	"HwPkg41l8MVLtw+9yCj/tRkMSVIQ9rlhpG3rnqNqcjAOyGPwpBo31bNY9MjTWpPUVjvSifENoYNQVVUx" \
	"6z4fsc3z3cD4G5JROoDUw51kOyQxduI1GnAeUrKEV6WUbYTfCtU30PPsqHUt8DYhGP8xAlaRWFssqf0a" \
	"jH371fldh3cDbPyRDrNk0Fn8ikFK/VAu8Dk2/MeOHA0fKcTWLh88fPSMAXnC0lNaLQIDAQAB"

#define KEY_1024 \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCxszt1DU4q/p2uRuQrzQVdOEwZWZVRCwoqA5Tnbrkw" \
	"e0OhWct2tHGc3C4XzPy6Xdm2cTE6MyjxGf/37JwbZeWOtd54NYUDDHQtV/dYjP85iSvxKA1fKWB3L0NW" \
	"ZFE4QMMi/Fed/gbK5PN135kusXfWe3sXCl60ol7s+im1+oCn0wIDAQAB"

#define KEY_512 \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALjBhHXn5HBj9A3FnWjrTuxfIyjTDGmOySYwY3l80v4ZTnBO" \
	"Qbl14PGnsoPnTC99uzgvdryGGVgExgX293a1eqUCAwEAAQ=="

#define KEY_ED \
	"gH4/pdu01DRfw3Mazq3PjEJnCfnHqLy2I9booXx7AW4="

#endif
